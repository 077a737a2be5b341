"""How do one channel's messages leave, hundreds at a time, while no call waits for the database?

Three tasks of one event loop: claiming keeps some messages ready, handing commits T2 for as many as there are free
connections and starts their calls, recording writes answers down in batches. The database's work is done in threads.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

from outreach.core.errors import Busy
from outreach.core.lifecycle import Fault
from outreach.flows.claiming import Asked, claim
from outreach.flows.envelopes import Claimed, HandOff, envelope
from outreach.flows.errand import Errand
from outreach.flows.failpoint import reached
from outreach.flows.handing import Handed, committed, give_all_back
from outreach.flows.recorder import RECORD, Recorder
from outreach.flows.settling import Answer
from outreach.flows.window import Window
from outreach.providers.base import DEADLINE, Provider, Receipt

#: Messages per hand-off at most.
HAND = 300
#: The longest nap before looking again whether we were asked to stop or a call takes too long, in seconds.
NAP = 0.25
#: How soon a message is asked for again that another transaction was changing, and for how long, in seconds.
AGAIN, BORNE = 0.02, 5.0
#: Faults after which no call begins until the database has said what they mean for the others.
_CLOSING = frozenset({Fault.NOT_REACHED, Fault.REFUSED, Fault.KEY})


@dataclass
class Lane:
    """One channel's way out, for one hand-over."""

    errand: Errand
    provider: Provider
    asked: Asked
    waiting: deque[Claimed] = field(default_factory=deque)
    calls: dict["asyncio.Task[Receipt | None]", tuple[Claimed, float]] = field(default_factory=dict)
    problem: Busy | None = None
    late: int = 0  # messages whose first byte would have left too late: they went back, to be handed anew
    _closed: bool = False  # the provider takes nothing: no call begins any more
    _trying: bool = False  # one call at a time, until the provider took one
    _claimed_all: bool = False
    _most: int = HAND  # messages per hand-off: fewer when first bytes leave too late
    _ending: bool = False
    _locked: dict[tuple[int, int], float] = field(default_factory=dict)  # since when, of those that ever were
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def window(self) -> Window:
        """How many calls may be under way now."""
        most = self.provider.at_once
        return Window(most, now=1 if self.errand.timed else most)

    @cached_property
    def recorder(self) -> Recorder:
        return Recorder(self.errand, self._change.set)

    async def run(self) -> None:
        """Hand over what is due, record all answers, give back the rest. Raises Busy when the database failed us."""
        recording, watching = asyncio.create_task(self.recorder.run()), asyncio.create_task(self._watch())
        claiming = asyncio.create_task(self._claim())
        for task in (claiming, recording):
            task.add_done_callback(self._one_ended)
        try:
            await self._hand_all()
        finally:
            self._ending = True
            self._change.set()
            await asyncio.wait([claiming])
            while self.calls:
                await self._wait()
            self.recorder.end()
            await asyncio.wait([recording])
            watching.cancel()
            await self._give_back()
        for task in (claiming, recording):
            task.result()
        if problem := self.problem or self.recorder.problem:
            raise problem

    async def _claim(self) -> None:
        place = None
        while not self._over():
            if len(self.waiting) > self.asked.size // 2:
                await self._wait()
                continue
            try:
                batch = await self.errand.work(claim, self.errand.app, self.asked, place)
            except Busy as problem:
                self.problem = problem
                break
            reached("after_claim")
            self.errand.tell(batch.ended)
            if batch.place is None:
                break
            place = batch.place
            self.waiting.extend(batch.claimed)
            self._change.set()

    def _one_ended(self, task: "asyncio.Task[None]") -> None:
        """All was claimed; or one of ours failed, and nothing more may begin."""
        self._claimed_all = True
        self._ending = self._ending or task.cancelled() or task.exception() is not None
        self._change.set()

    async def _hand_all(self) -> None:
        while not self._over() and not (self._claimed_all and not self.waiting):
            if room := self._room():
                await self.provider.ready(room)
                if not self._over():
                    batch = [self.waiting.popleft() for _ in range(room)]
                    self._change.set()
                    await self._hand(batch)
            else:
                await self._wait()

    def _room(self) -> int:
        """How many may be handed now: none while most connections are busy, or answers pile up."""
        limit, wanted = self.window.now, min(len(self.waiting), self._most)
        free, unrecorded = limit - len(self.calls), self.recorder.unrecorded
        busy = free < min(wanted, max(limit // 4, 1)) or unrecorded > 4 * RECORD
        if busy or (self._trying and (self.calls or unrecorded)):
            return 0
        return min(wanted, free)

    async def _hand(self, batch: Sequence[Claimed]) -> None:
        async with self.errand.leaving():
            try:
                handed: Handed = await self.errand.at_once(committed, self.errand, batch, self.provider)
            except Busy as problem:
                self.problem = problem
                self.waiting.extend(batch)  # given back at the end, `handed` or not: surely unsent
                return
            reached("after_handed")
            self._begin(handed, len(batch))
        if handed.later and handed.allowance.wait:
            await asyncio.sleep(min(handed.allowance.wait, NAP))
        elif handed.locked and len(self.waiting) <= len(handed.locked):
            await asyncio.sleep(AGAIN)  # nothing else is there to be handed over meanwhile

    def _begin(self, handed: Handed, among: int) -> None:
        """The calls that were committed; what T2 said of the others and of the provider."""
        for claimed, to in handed.ours:
            call = asyncio.create_task(self._call(claimed, to, handed.hand_off, among))
            self.calls[call] = (claimed, handed.committed)
            call.add_done_callback(self._came_back)
        self.errand.tell(handed.ended)
        self.waiting.extendleft(reversed(handed.later))
        self.waiting.extend(self._borne(handed))
        if handed.ours:
            self._most = min(self._most + self._most // 8 + 1, HAND)  # slower up than down, or every third comes late
        self._trying = handed.allowance.trying
        self._closed = self._closed or handed.allowance.closed
        for claimed in handed.gone:
            self._answered(claimed, Receipt(Fault.INVALID, said="its address was erased"))

    def _borne(self, handed: Handed) -> Iterator[Claimed]:
        """Those another transaction was changing, after all others; not for ever: then their leases run out."""
        for claimed in handed.locked:
            since = self._locked.setdefault(claimed.held, handed.committed)
            if handed.committed - since < BORNE:
                yield claimed

    async def _call(self, claimed: Claimed, to: str, hand_off: HandOff, among: int) -> Receipt | None:
        """The provider's answer; None: nothing left. `among`: how many were handed over with it."""
        if self._closed:
            return None
        if monotonic() > hand_off.begin_by:
            receipt = Receipt(Fault.LATE)
        elif (message := envelope(self.errand.app, claimed, to, hand_off)) is None:
            return Receipt(Fault.INVALID, said="its content is gone")
        else:
            call = self.provider.send(message)
            del message  # its words are not kept while the vendor thinks: hundreds of calls are under way
            receipt = await call
        if receipt.fault is Fault.LATE:
            self._most, self.late = max(among // 2, 1), self.late + 1
            return None
        if receipt.fault is None:
            self.window.taken()
        elif receipt.fault is Fault.DOUBT:
            self.window.doubted()
        elif self.errand.timed and receipt.fault in _CLOSING:
            self._closed = True  # at once: calls that wait for their turn in this very moment do not begin
        return receipt

    def _came_back(self, call: "asyncio.Task[Receipt | None]") -> None:
        """A provider never raises; if it does, nobody knows what left, and the message is in doubt."""
        claimed, _ = self.calls.pop(call)
        if call.cancelled():
            receipt: Receipt | None = Receipt(Fault.DOUBT, said=f"no answer within {DEADLINE.seconds} s")
        elif (error := call.exception()) is not None:
            receipt = Receipt(Fault.DOUBT, said=f"a fault in the program: {type(error).__name__}")
        else:
            receipt = call.result()
        if receipt is not None and receipt.fault is None:
            reached("after_accept")
        self._answered(claimed, receipt)

    def _answered(self, claimed: Claimed, receipt: Receipt | None) -> None:
        self.recorder.take(Answer(claimed.row, self.provider.name, receipt))
        if self._closed or not self.calls:
            self.recorder.hurry()
        if self.waiting or not self.calls:
            self._change.set()

    async def _watch(self) -> None:
        """The total deadline, whatever a provider does: `calls` stand in the order they began."""
        while True:
            await asyncio.sleep(NAP)
            late = monotonic() - DEADLINE.total_seconds()
            for call in [call for call, (_, began) in self.calls.items() if began < late]:
                call.cancel()
            self._change.set()  # a stop is asked for without a word to us

    async def _give_back(self) -> None:
        """What we hold and did not send. When even that fails, the leases run out."""
        held = list(self.waiting)
        self.waiting.clear()
        if held:
            try:
                await self.errand.work(give_all_back, self.errand.app, held, timed=self.errand.timed)
            except Busy as problem:
                self.problem = problem

    def _over(self) -> bool:
        return self._closed or self._ending or self.problem is not None or self._stopped()

    def _stopped(self) -> bool:
        return self.recorder.problem is not None or self.errand.stop()

    async def _wait(self) -> None:
        self._change.clear()
        await self._change.wait()
