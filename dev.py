#!/usr/bin/env python3
"""How does this project start on a machine that has Python >= 3.11 and pip (or uv), and nothing else?

  python3 dev.py demo                see it all with made-up customers; sends nothing
  python3 dev.py COMMAND ...         `outreach COMMAND ...`, in the folder you are in
  python3 dev.py test [PYTEST ARGS]  all tests, on SQLite and on a real PostgreSQL it starts itself; --browser: pages
  python3 dev.py lint                ruff, ruff format, mypy
  python3 dev.py bench NAME ...      measure, as tests/bench/NAME.py does
  python3 dev.py chaos ...           a night in which everything fails: --seed N --minutes M --db postgres|sqlite
  python3 dev.py lock                write both lock files anew (needs uv)

The first call makes ./.venv from a hash-pinned lock file. Standard library only; old Pythons can read this file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterator, NoReturn  # noqa: UP035 - an old Python must get as far as being told

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / ".outreach-ready"  # empty while an install runs, then what it followed
LOG = VENV / "install.log"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
TESTED = ((3, 12), (3, 11))
NO_NETWORK = (
    r"from versions: none|connection|name resolution|network is unreachable|dns error|error sending request|getaddrinfo"
)
#: .venv/bin/outreach. A #! line can neither be long nor hold spaces, so a shell starts the Python.
SCRIPT = """#!/bin/sh
'''exec' "PYTHON" "$0" "$@"
' '''
import sys
from outreach.cli.main import main
sys.exit(main())
"""


def main(words: list[str]) -> int:
    """Prepare what the command needs, then become the command. The exit code is the command's own."""
    newer_python(words)
    command, *rest = [{"--browser": "tests/browser"}.get(word, word) for word in words] or ["--help"]
    if command in ("--help", "-h"):
        print((__doc__ or "").split("\n\n", 1)[1].rstrip())
        return 0
    if command == "lock":
        return write_locks()
    prepare("dev" if command in ("test", "lint", "bench", "chaos") else "run")
    if tests := {"test": ["pytest", *in_parallel(rest)], "chaos": ["tests.faults.chaos", *rest]}.get(command):
        return become([PYTHON, "-m", *tests], ROOT)
    if command == "lint":
        checks = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
        return max([subprocess.call([str(PYTHON), "-m", *check], cwd=ROOT) for check in checks])
    if command == "bench":
        if not rest or not (ROOT / "tests" / "bench" / f"{rest[0]}.py").is_file():
            stop("which bench? One of: " + ", ".join(sorted(p.stem for p in ROOT.glob("tests/bench/[a-z]*.py"))))
        return become([PYTHON, "-m", f"tests.bench.{rest[0]}", *rest[1:]], ROOT)
    return become([PYTHON, PYTHON.with_name("outreach"), command, *rest], None)


def newer_python(words: list[str]) -> None:
    """Go on under a Python that is new enough, if this one is not."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - the one place that must ask
        return
    found = find_python(*TESTED, (3, 13), (3, 14))
    if found is None:
        stop("outreach needs Python 3.11 or newer; this one is older, and no newer one is on PATH")
    os.execv(found, [found, str(ROOT / "dev.py"), *words])


def find_python(*versions: tuple[int, int]) -> str | None:
    """The first of these CPython versions on PATH that really runs (a shim may be there without its Python)."""
    ask = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    for version in versions:
        path = shutil.which("python{}.{}".format(*version))
        said = subprocess.run([path, "-c", ask], capture_output=True, text=True).stdout if path else ""
        if said.split() == ["cpython", *map(str, version)]:
            return path
    return None


def in_parallel(rest: list[str]) -> list[str]:
    """A test process more than there are cores, for many wait; unless the caller says otherwise."""
    told = any(re.match(r"-n|--numprocesses|--pdb|--trace|--co$|--collect-only|(-p)?no:xdist", word) for word in rest)
    return rest if told else ["-n", str(min((os.cpu_count() or 1) + 1, 8)), *rest]


def become(command: list[Any], folder: Path | None) -> int:
    """Run the command in place of this one, so that signals and exit codes are its own."""
    line = [str(part) for part in command]
    os.environ.setdefault("OUTREACH_CALLED_AS", f"python3 {os.path.relpath(__file__)}")  # how it names itself
    os.chdir(folder or ".")
    sys.stdout.flush()
    return subprocess.call(line) if os.name == "nt" else os.execv(line[0], line)


def prepare(kind: str) -> None:
    """Make or mend ./.venv so that it holds what the lock file of `kind` pins. Milliseconds when it does."""
    if ready(kind):
        return
    with one_at_a_time():
        if ready(kind):  # another dev.py did it while we waited
            return
        kind = "dev" if "dev" in stamp() else kind  # a newer lock does not take the tests' packages away
        base = base_python(kind)
        if outdated(kind, base):
            shutil.rmtree(VENV, ignore_errors=True)
        began = time.monotonic()
        print(f"Preparing ./.venv from {LOCKS[kind].name} (once, until it changes) ...", file=sys.stderr, flush=True)
        install(LOCKS[kind], base)
        link()
        done = {"root": str(ROOT), "run": digest("run"), **({"dev": digest("dev")} if kind == "dev" else {})}
        STAMP.write_text(json.dumps(done), encoding="utf-8")
        print(f"Ready in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def ready(kind: str) -> bool:
    """Does ./.venv hold what this lock file pins, for this very folder?"""
    return stamp().get("root") == str(ROOT) and stamp().get(kind) == digest(kind) and PYTHON.exists()


def stamp() -> dict[str, str]:
    """What the last finished install left: its folder, and the digests of the lock files it followed."""
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    return {}


def digest(kind: str) -> str:
    return hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two of us may start at once. The lock is on this file itself, given back however we end."""
    with open(__file__, "rb") as held:
        held.seek(1 << 30)  # Windows locks bytes: one that nobody reads
        if sys.platform == "win32":
            msvcrt.locking(held.fileno(), msvcrt.LK_LOCK, 1)
        else:
            os.set_inheritable(held.fileno(), True)  # should we be killed, the lock stays with the pip we started
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print("Another dev.py is preparing ./.venv; waiting for it ...", file=sys.stderr, flush=True)
                fcntl.flock(held, fcntl.LOCK_EX)
        yield


def base_python(kind: str) -> str:
    """Which Python ./.venv is made with: this one; for tests rather one that every test service has wheels for."""
    this: str = getattr(sys, "_base_executable", sys.executable)
    return this if kind == "run" or sys.version_info[:2] in TESTED else find_python(*TESTED) or this


def outdated(kind: str, base: str) -> bool:
    """Must ./.venv be made anew? Interrupted, without Python, or of a Python the tests should not run on."""
    config = VENV / "pyvenv.cfg"
    if (STAMP.exists() and not stamp()) or not PYTHON.exists() or not config.exists():
        return True
    found = re.search(r"version\w*\s*=\s*(\d+)\.(\d+)", config.read_text(encoding="utf-8"))
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    better = kind == "dev" and (sys.version_info[:2] in TESTED or base != base_python("run"))
    return version < (3, 11) or (better and version not in TESTED)


def install(lock: Path, base: str) -> None:
    """Packages of exactly these hashes, with uv if it is there, else with pip. What they say goes to a log."""
    pinned = ["install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    if not PYTHON.exists():
        attempt([base, "-m", "venv", "--without-pip", str(VENV)], "this Python cannot make environments")
    STAMP.write_text("", encoding="utf-8")
    if not (uv := shutil.which("uv")) or run_quietly([uv, "pip", *pinned, "--python", str(PYTHON)]).returncode != 0:
        attempt([*pip(base), *pinned, "--no-input"], f"{lock.name} could not be installed")


def pip(base: str) -> list[str]:
    """A pip that installs into ./.venv: its own, the base Python's (22.3 can), or the one Python carries."""
    ways = ([str(PYTHON), "-m", "pip"], [base, "-m", "pip", "--python", str(PYTHON)])
    for way in ways:
        if run_quietly([*way, "--version"]).returncode == 0:
            return way
    if run_quietly([str(PYTHON), "-m", "ensurepip"]).returncode != 0:
        stop("there is neither pip nor uv: sudo apt-get install python3-pip   (or install uv), then run this again")
    return ways[0]


def attempt(command: list[str], otherwise: str) -> None:
    """Run it, or stop with one line that says what to do."""
    done = run_quietly(command)
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    VENV.mkdir(exist_ok=True)
    LOG.write_text(said, encoding="utf-8")
    if re.search(r"hash(es)? mismatch|not match the hashes", said, re.IGNORECASE):
        stop(f"a package is not the one the lock file pins, so nothing was installed. What was said: {LOG}")
    if re.search(NO_NETWORK, said, re.IGNORECASE):
        stop("the packages could not be fetched. Is there a network? It is needed this once; then run this again")
    stop(f"{otherwise}: {(said.strip() or 'no reason was given').splitlines()[-1]} (all of it: {LOG})")


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, close_fds=False)


def link() -> None:
    """Make `import outreach` and .venv/bin/outreach mean this checkout, without a build step."""
    for site in VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"):
        (site / "_outreach_checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    PYTHON.with_name("outreach").write_text(SCRIPT.replace("PYTHON", str(PYTHON)), encoding="utf-8")
    PYTHON.with_name("outreach").chmod(0o755)


def write_locks() -> int:
    """requirements.lock and requirements-dev.lock: every platform, with hashes, naming no registry."""
    uv = shutil.which("uv") or stop("writing lock files needs uv: pip install uv")
    options = ["--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"]
    compiling = [uv, "pip", "compile", *options, "--no-header", "--python-version", "3.11", "pyproject.toml"]
    steps = (["-o", LOCKS["run"].name], ["--group", "dev", "-c", LOCKS["run"].name, "-o", LOCKS["dev"].name])
    return max([subprocess.call([*compiling, *step], cwd=ROOT) for step in steps])


def stop(line: str) -> NoReturn:
    """One line, and the exit code for wrong use or a machine that lacks something."""
    print(f"error: {line}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
