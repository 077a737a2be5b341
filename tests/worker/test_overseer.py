"""Does the overseer start the dead again, pass signals on, and leave nothing running? Over real, small programs."""

import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from outreach.core.errors import Problem
from outreach.worker import overseer as module
from outreach.worker.overseer import Overseer

RESULT = 'print(\'{"code": 0, "states": {"accepted": 2}, "problem": null}\')'


@dataclass(frozen=True)
class Program:
    """Python text to be run in place of a worker process."""

    text: str
    folder: Path

    def command(self) -> list[str]:
        return [sys.executable, "-c", f"import os, sys, signal, pathlib\n{self.text}"]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "FOLDER": str(self.folder)}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "AGAIN", 0.0)


def over(text: str, folder: Path, *, processes: int = 1) -> Overseer:
    return Overseer(Program(text, folder), processes)


def test_each_says_what_became_of_its_messages(tmp_path: Path):
    found = over(RESULT, tmp_path, processes=3)
    found.run()
    assert found.states == {"accepted": 6}
    assert found.signalled is None


def test_one_that_dies_is_started_again(tmp_path: Path):
    dies_twice = """
count = pathlib.Path(os.environ["FOLDER"], "count")
n = int(count.read_text()) if count.exists() else 0
count.write_text(str(n + 1))
if n < 2:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    found = over(dies_twice + RESULT, tmp_path)
    found.run()
    assert (tmp_path / "count").read_text() == "3"
    assert found.states == {"accepted": 2}


def test_one_that_always_dies_is_given_up(tmp_path: Path):
    text = 'pathlib.Path(os.environ["FOLDER"], str(os.getpid())).touch(); sys.exit(1)'
    with pytest.raises(Problem) as problem:
        over(text, tmp_path).run()
    assert (problem.value.code, problem.value.exit_code) == ("OUT-420", 70)
    assert len(list(tmp_path.iterdir())) == module.TOO_MANY


def test_what_stops_one_stops_all_and_is_said(tmp_path: Path):
    text = """
first = pathlib.Path(os.environ["FOLDER"], "first")
try:
    first.touch(exist_ok=False)
except FileExistsError:
    signal.pause()  # TERM ends it
print('{"code": 4, "states": {}, "problem": {"code": "OUT-401", "message": "refused", "facts": ["f"], "help": "h"}}')
sys.exit(4)
"""
    with pytest.raises(Problem) as problem:
        over(text, tmp_path, processes=3).run()
    told = problem.value
    assert (told.code, told.exit_code, told.message, told.facts, told.help) == ("OUT-401", 4, "refused", ("f",), "h")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_waited_for(tmp_path: Path, number: signal.Signals):
    gentle = f"""
def end(n, frame):
    {RESULT}
    sys.exit(128 + n)
signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)
os.kill(os.getppid(), {int(number)})
while True:
    signal.pause()
"""
    before = signal.getsignal(signal.SIGTERM)
    found = over(gentle, tmp_path)
    found.run()
    assert found.signalled == number
    assert found.states == {"accepted": 2}
    assert signal.getsignal(signal.SIGTERM) == before  # as it was, whoever listened


def test_a_second_signal_ends_even_the_deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "AT_ONCE", 0.1)
    deaf = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(os.getppid(), signal.SIGTERM)
os.kill(os.getppid(), signal.SIGTERM)
while True:
    signal.pause()
"""
    found = over(deaf, tmp_path)
    found.run()
    assert found.signalled == signal.SIGTERM


def test_a_process_notices_that_its_overseer_is_gone(tmp_path: Path):
    """Each holds the far end of a pipe; when ours is closed it reads the end."""
    found = over('os.read(0, 1); pathlib.Path(os.environ["FOLDER"], "noticed").touch(); ' + RESULT, tmp_path)
    closer = threading.Thread(target=_close_when_started, args=(found,))
    closer.start()
    found.run()
    closer.join()
    assert (tmp_path / "noticed").exists()


def _close_when_started(found: Overseer) -> None:
    ready = threading.Event()
    while not (found._places and found._places[0].program):
        ready.wait(0.01)
    pipe = found._places[0].program.stdin
    assert pipe is not None
    pipe.close()
