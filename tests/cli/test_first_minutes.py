"""What happens to somebody who types demo, init and import for the first time?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from outreach.records.invented import ShopFiles
from tests.cli.screens import Type
from tests.cli.test_every_command import decent
from tests.cli.test_nights_typed import table_of
from tests.flows.stage import NIGHT, ROOT, read_rows, write_back

DEMO = ("demo", "--as-of", str(NIGHT))


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the newcomer stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_demo_shows_it_all_and_again_and_nothing_foreign_is_touched(o: Type, at: Path):
    said = o(*DEMO)
    decent(said)
    assert said.code == 0
    assert "200 made-up customers in 7 countries" in said.out
    assert "OUTBOX, nothing leaves" in said.out
    found, alone, queued = table_of(said.out)["All"]
    assert found == alone + queued
    assert min(table_of(said.out)["All"]) > 50
    commands = re.findall(r"outreach (-C outreach-demo .*)", said.out)
    assert len(commands) == 3
    for command in commands:
        assert o(*command.replace(" --open", "").split()).code == 0, command
    messages = sorted(p.name for p in (at / "outreach-demo" / ".outreach" / "outbox" / str(NIGHT)).glob("m-*.*"))
    assert len([m for m in messages if m.endswith((".eml", ".txt"))]) == int(
        re.search(r"in the outbox (\d+)", said.out)[1]  # type: ignore[index]
    )
    (at / "outreach-demo" / "left over").write_text("", encoding="utf-8")
    again = o(*DEMO, "--json").document
    assert (again["found"], again["left_alone"], again["queued"]) == (found, alone, queued)
    assert not (at / "outreach-demo" / "left over").exists(), "rebuilt, not added to"
    assert (at / "outreach-demo" / ".env").stat().st_mode & 0o777 == 0o600


def test_demo_leaves_what_it_did_not_make(o: Type, at: Path):
    (at / "mine").mkdir()
    (at / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    (at / "file").write_text("", encoding="utf-8")
    o("init", "shop")
    for name in ("mine", "file", "shop", "."):
        said = o("demo", name)
        decent(said)
        assert (said.code, "error[OUT-609]" in said.err) == (2, True), name
    assert (at / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize("name", ["OUTREACH_DATABASE_URL", "OUTREACH_PEPPER"])
def test_demo_never_meets_a_shops_own_database(o: Type, at: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, f"sqlite:///{at / 'real.db'}")
    said = o("demo")
    decent(said)
    assert said.code == 2
    assert f"env -u {name} outreach demo" in said.err
    assert list(at.iterdir()) == []


def test_init_never_overwrites(o: Type, at: Path):
    said = o("init", "shop")
    decent(said)
    assert said.code == 0
    assert ".env holds this shop's keys" in said.out
    before = {p: p.read_bytes() for p in (at / "shop").rglob("*") if p.is_file()}
    again = o("init", "shop")
    decent(again)
    assert re.search(r"Left \d+ files as they were", again.out)
    assert {p: p.read_bytes() for p in (at / "shop").rglob("*") if p.is_file()} == before
    assert o("init", "shop", "--json").document["made"] == []


def test_from_four_files_to_a_night(o: Type, at: Path, shop_files: ShopFiles):
    o("init", "shop")
    home = at / "shop"
    refused = o("import", *shop_files.paths, "--guess", where=home)
    assert (refused.code, "error[OUT-202]" in refused.err) == (2, True), "nobody is there to agree"
    assert "customer      ->  key" in " ".join(refused.out.split("\n")) or "->" in refused.out
    looked = o("import", *shop_files.paths, "--guess", "--yes", "--check", where=home)
    assert "CHECK · nothing is written" in looked.out
    assert "0 customers" in o("status", where=home).out
    said = o("import", *shop_files.paths, "--guess", "--yes", where=home)
    decent(said)
    assert said.code == 0
    assert (home / "config" / "records.yaml").is_file()
    twice = o("import", *shop_files.paths, "--json", where=home).document
    assert [(f["new"], f["changed"]) for f in twice["files"]] == [(0, 0)] * 4
    rows = read_rows(shop_files.orders)
    rows[3]["placed_at"] = "the day after"
    rows[5]["customer"] = "C-9999"
    bad = at / "orders.csv"
    write_back(bad, rows)
    mended = o("import", bad, where=home)
    decent(mended)
    assert mended.code == 1
    assert "error[OUT-201]: 2 of 260 rows in orders.csv cannot be read" in mended.err
    assert re.search(r"orders\.csv:5:\d+: ", mended.err)
    assert o("nightly", "--night", str(NIGHT), where=home).code == 0
    assert o("report", where=home).code == 0


def test_it_is_quick_to_answer_and_needs_no_terminal(at: Path):
    """A real process, its output piped, nothing on its standard input."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from outreach.cli.main import main; sys.exit(main())", "--version"],
        cwd=at,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"outreach \d+\.\d+\.\d+\n", done.stdout)
