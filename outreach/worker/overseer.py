"""Who starts the worker's processes, starts a dead one again, and ends them all so that nothing runs twice?

One overseer over N processes. Each holds the far end of a pipe that only the overseer holds open: however it ends,
kill -9 included, they notice and end too. A process that dies is started again, later each time; what it had in hand is
freed by its lease, never by us.
"""

import heapq
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from outreach.core.errors import Problem
from outreach.observe.logs import logger
from outreach.worker.order import Result

#: How long processes may take to end gently: longer than one hand-off may (20 s) and its record. In seconds.
GRACE = 30.0
#: How long after a second signal, which they obey at once.
AT_ONCE = 3.0
#: Seconds before a dead process is started again: doubled each time, up to the second figure.
AGAIN, AT_MOST = 0.5, 30.0
#: One that lived this long was well, in seconds; this many deaths of others in a row are too many.
WELL, TOO_MANY = 10.0, 5


@dataclass
class _Process:
    """One place among the N, whoever fills it just now."""

    place: int
    program: "subprocess.Popen[str] | None" = None
    started: float = 0.0
    deaths: int = 0
    over: bool = False


class Startable(Protocol):
    """What can be started as a program of its own, and says a `Result` at its end."""

    def command(self) -> list[str]: ...

    def environment(self) -> dict[str, str]: ...


@dataclass
class Overseer:
    """Runs `processes` programs with one order until they are done or somebody stops them.

    After `run`, `signalled` is the signal that stopped us, `states` what became of messages.
    """

    order: Startable
    processes: int
    signalled: int | None = None
    states: Counter[str] = field(default_factory=Counter)
    _events: "SimpleQueue[tuple[str, Any]]" = field(default_factory=SimpleQueue)
    _places: list[_Process] = field(default_factory=list)
    _alarms: list[tuple[float, int]] = field(default_factory=list)  # when a place is filled again
    _end: float | None = None  # when the patient wait for their end is over
    _problem: Problem | None = None

    def run(self) -> None:
        """Returns when every process has ended. Raises the problem that one of them ended with."""
        self._places = [_Process(place) for place in range(self.processes)]
        with self._listening():
            for place in self._places:
                self._start(place)
            while not all(place.over for place in self._places):
                self._turn()
        if self._problem is not None:
            raise self._problem

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Signals become events; whatever happens, no process of ours is left behind."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, lambda n, _: self._events.put(("signal", n))) for number in numbers]
        try:
            yield
        finally:
            for place in self._places:
                self._tell(place, signal.SIGKILL)
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _turn(self) -> None:
        """Wait for the next thing to happen, and see to it."""
        due = [moment for moment, _ in self._alarms[:1]] + ([self._end] if self._end is not None else [])
        try:
            wait = max(0.0, min(due) - time.monotonic()) if due else None
            what, detail = self._events.get(timeout=wait)
        except Empty:
            self._alarm()
            return
        if what == "signal":
            self._on_signal(detail)
        else:
            self._on_end(*detail)

    def _start(self, place: _Process) -> None:
        program = subprocess.Popen(
            self.order.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.order.environment(),
            text=True,
            start_new_session=True,  # Ctrl-C reaches us, and they hear of it from us
        )
        place.program, place.started = program, time.monotonic()
        threading.Thread(target=self._await, args=(place, program), daemon=True).start()

    def _await(self, place: _Process, program: "subprocess.Popen[str]") -> None:
        assert program.stdout is not None
        said = program.stdout.read()
        self._events.put(("end", (place, Result.read(program.wait(), said))))

    def _on_signal(self, number: int) -> None:
        """The first is passed on, and waited for; so is the second, which they obey at once."""
        again = self._end is not None
        self.signalled = self.signalled or number
        self._stop(signal.Signals(number), AT_ONCE if again else GRACE)

    def _stop(self, number: signal.Signals, grace: float) -> None:
        self._end = time.monotonic() + grace
        self._alarms.clear()
        for place in self._places:
            if place.program is None or place.program.returncode is not None:
                place.over = True
            self._tell(place, number)

    def _tell(self, place: _Process, number: int) -> None:
        if place.program is not None and place.program.returncode is None:
            place.program.send_signal(number)

    def _alarm(self) -> None:
        """It is time to fill a place again, or to wait no longer."""
        if self._end is not None:
            logger("overseer").warning("does not end in time; killed", grace=GRACE)
            for place in self._places:
                self._tell(place, signal.SIGKILL)
            self._end = None if all(p.over for p in self._places) else time.monotonic() + AT_ONCE
        elif self._alarms:
            self._start(self._places[heapq.heappop(self._alarms)[1]])

    def _on_end(self, place: _Process, result: Result) -> None:
        """Done, stopped, refused, or dead."""
        assert place.program is not None
        for pipe in (place.program.stdin, place.program.stdout):
            if pipe is not None:
                pipe.close()
        self.states.update(result.states)
        if result.problem is not None and result.code != 75:
            self._give_up(_problem(result))
        died = result.code not in (0, 4) and self._end is None
        place.over = not died
        if died:
            self._died(place, result.code)

    def _died(self, place: _Process, code: int) -> None:
        well = time.monotonic() - place.started > WELL
        place.deaths = 1 if well or code == 75 else place.deaths + 1
        wait = min(AGAIN * 2 ** (place.deaths - 1), AT_MOST)
        logger("overseer").warning("a process died and is started again", place=place.place, code=code, again_in=wait)
        if place.deaths >= TOO_MANY:
            place.over = True
            facts = (f"the last one ended with {code}", "what it held is freed when its lease runs out")
            said = "the worker's processes fail as soon as they start"
            self._give_up(Problem("OUT-420", said, facts=facts, help="outreach doctor"))
        else:
            heapq.heappush(self._alarms, (time.monotonic() + wait, place.place))

    def _give_up(self, problem: Problem) -> None:
        """One problem ends all: the others would meet it too."""
        self._problem = self._problem or problem
        if self._end is None:
            self._stop(signal.SIGTERM, GRACE)


def _problem(result: Result) -> Problem:
    """What another process met, as if we had met it."""
    told = result.problem or {}
    found = Problem(told["code"], told["message"], facts=tuple(told["facts"]), help=told["help"])
    found.exit_code = result.code
    return found
