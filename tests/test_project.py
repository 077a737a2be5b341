"""Can a shop start from the wheel alone, and does starting never cost anything that was there?"""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from outreach.core.codes_setup import EXPLANATIONS
from outreach.core.errors import Misuse
from outreach.flows.start_project import IGNORED, PARTS, Started, start
from outreach.settings import read_environment, read_secrets

ROOT = Path(__file__).resolve().parents[1]


def shipped() -> set[str]:
    """What a project is made of, by the checkout."""
    paths = (p for part in PARTS for p in (ROOT / part).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(ROOT).as_posix() for p in paths}


def test_a_new_folder_gets_everything(tmp_path: Path):
    done = start(tmp_path / "my shop")
    assert set(done.made) == shipped() | {".env", ".gitignore"}
    assert done.kept == ()
    for name in shipped():
        assert (tmp_path / "my shop" / name).read_bytes() == (ROOT / name).read_bytes()


def test_keys_are_random_long_and_for_the_owner_only(tmp_path: Path):
    for name in ("a", "b"):
        start(tmp_path / name)
    first, second = (read_secrets(read_environment(tmp_path / name)) for name in ("a", "b"))
    everything = {first.pepper, first.holdout_salt, *first.token_keys, second.pepper, second.holdout_salt}
    assert len(everything) == 5
    assert (tmp_path / "a" / ".env").stat().st_mode & 0o777 == 0o600


def test_a_second_start_changes_nothing_and_mends_what_is_missing(tmp_path: Path):
    made = start(tmp_path).made
    (tmp_path / "config" / "outreach.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / "config" / "campaigns" / "upgrade_offer.yaml").unlink()
    keys = (tmp_path / ".env").read_text(encoding="utf-8")
    again = start(tmp_path)
    assert again == Started(
        made=("config/campaigns/upgrade_offer.yaml",),
        kept=tuple(name for name in made if name != "config/campaigns/upgrade_offer.yaml"),
    )
    assert (tmp_path / "config" / "outreach.yaml").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / ".env").read_text(encoding="utf-8") == keys


def test_a_gitignore_that_is_there_is_added_to(tmp_path: Path):
    (tmp_path / ".gitignore").write_text("*.bak\n.env", encoding="utf-8")
    start(tmp_path)
    lines = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert lines == ["*.bak", *IGNORED]


def test_a_file_is_no_folder(tmp_path: Path):
    (tmp_path / "shop").write_text("", encoding="utf-8")
    for place in (tmp_path / "shop", tmp_path / "shop" / "deeper"):
        with pytest.raises(Misuse) as refused:
            start(place)
        assert refused.value.code == "OUT-607"
        assert refused.value.code in EXPLANATIONS


@pytest.mark.timeout(180)
def test_the_wheel_alone_makes_a_working_project(tmp_path: Path):
    """Built and installed without a network into an environment that does not know this checkout."""
    wheel = built_wheel(tmp_path / "dist")
    inside = {name.removeprefix("outreach/_project/") for name in zipfile.ZipFile(wheel).namelist()}
    assert shipped() <= inside
    assert not any("__pycache__" in name or name.startswith("tests") for name in inside)
    python = installed(wheel, tmp_path / "env")
    code = (
        "import sys; from pathlib import Path; import outreach; from outreach.flows.start_project import start\n"
        "print(outreach.__file__); print(len(start(Path(sys.argv[1])).made))"
    )
    done = run([python, "-I", "-c", code, tmp_path / "shop"], tmp_path)
    where, count = done.splitlines()
    assert Path(where).is_relative_to(tmp_path / "env")
    assert int(count) == len(shipped()) + 2
    assert {p.relative_to(tmp_path / "shop").as_posix() for p in (tmp_path / "shop").rglob("*") if p.is_file()} == (
        shipped() | {".env", ".gitignore"}
    )


def built_wheel(into: Path) -> Path:
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", into], ROOT)
    (wheel,) = into.glob("*.whl")
    return wheel


def installed(wheel: Path, home: Path) -> Path:
    """A fresh environment with the wheel; its libraries are those of the tests, this checkout is not among them."""
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (site,) = home.glob("lib/python3*/site-packages")
    libraries = Path(sysconfig.get_path("purelib"))
    code = f"import sys; sys.path.append({str(libraries)!r})\n"  # appended as a path: its own .pth files stay unread
    (site / "_libraries.pth").write_text(code, encoding="utf-8")
    pip = [*some_pip(), "--python", python, "install", "--no-deps", "--no-index", "--quiet"]
    run([*pip, "--disable-pip-version-check", wheel], home)
    return python


def some_pip() -> list[str]:
    """The pip of the tests' Python, or of the Python it was made from (`dev.py` makes environments without one)."""
    for python in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return [python, "-m", "pip"]
    pytest.fail("no pip to install the wheel with: sudo apt-get install python3-pip", pytrace=False)


def run(command: list[object], folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
