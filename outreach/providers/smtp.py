"""How does a mail server take an email? Over SMTP, one recipient at a time, on connections that are kept.

smtplib waits, so each conversation has a thread; there are few, because a mail server allows few. The deadline is
kept by the event loop: it cuts the connection under the thread.
"""

import asyncio
import contextlib
import smtplib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from outreach.core.lifecycle import Fault
from outreach.providers.base import DEADLINE, Envelope, Found, LookUp, Provider, Receipt, Verdict
from outreach.providers.mime import message_id, wire_bytes
from outreach.providers.reach import Reach, refused
from outreach.providers.smtp_talk import Attempt, Refusal, Server, TooLate, broken_off, given, opened, read_url
from outreach.providers.unset import Unset
from outreach.providers.wanted import Wanted, unusable
from outreach.providers.wording import unfit

#: Seconds after which an idle connection is not used again: servers hang up on idlers.
IDLE = 30.0
URL = "OUTREACH_SMTP_URL"


@dataclass(slots=True)
class Smtp:
    """One mail server. `at_once`: how many conversations, at most, at the same time."""

    server: Server
    sender: str
    reach: Reach
    at_once: int = 5
    per_second: float | None = None
    deadline: float = DEADLINE.total_seconds()
    name: str = "smtp"
    idempotent: bool = False
    _threads: ThreadPoolExecutor | None = field(default=None, repr=False)
    _kept: deque[tuple[float, smtplib.SMTP]] = field(default_factory=deque, repr=False)

    async def ready(self, calls: int) -> None:
        """A conversation begins with its connection, and a mail is only taken at its end: nothing to hurry."""

    async def send(self, envelope: Envelope) -> Receipt:
        """Accepted is 250 after the final dot; the message's id is its Message-ID. Never raises for an answer."""
        if refusal := self.reach.refusal(envelope):
            return refusal
        if problem := unfit(envelope):
            return refused(problem)
        for address, fault in ((envelope.to, Fault.BAD_ADDRESS), (envelope.sender, Fault.SENDER)):
            if not address.isascii():
                return Receipt(fault, said="an address is not plain ASCII")
        attempt, people = Attempt(), (envelope.sender, envelope.to)
        receipt = await self._within(attempt, lambda: self._deliver(attempt, people, envelope))
        if receipt is not None:
            return receipt
        left = attempt.left
        return Receipt(Fault.DOUBT if left else Fault.NOT_REACHED, said="no answer in time")

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """A mail server keeps no list one may ask."""
        return LookUp(Found.CANNOT_TELL)

    async def check(self) -> Verdict:
        """Says hello, logs in, and leaves. Nothing is sent."""
        attempt = Attempt()
        receipt = await self._within(attempt, lambda: self._greet(attempt))
        where = f"{self.server.host}:{self.server.port}"
        if receipt is None or receipt.fault is Fault.NOT_REACHED:
            said = receipt.said if receipt else "no answer in time"
            return Verdict(False, f"{where} cannot be reached: {said}", "check OUTREACH_SMTP_URL")
        if receipt.fault is not None:
            return Verdict(
                False, f"{where} refuses us ({receipt.said})", "check the name and password in OUTREACH_SMTP_URL"
            )
        return Verdict(True, f"{where} lets us in")

    async def close(self) -> None:
        """Hang up; the next mail connects anew."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        while self._kept:
            await asyncio.to_thread(_hang_up, self._kept.pop()[1])

    async def _within(self, attempt: Attempt, work: Callable[[], Receipt]) -> Receipt | None:
        """What `work` gave in a thread; None when the deadline came first. Either way the attempt is over."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.at_once, thread_name_prefix="smtp")
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            async with asyncio.timeout(self.deadline):
                return await asyncio.shield(running)
        except TimeoutError:
            return None
        finally:
            if not running.done():
                attempt.give_up()

    def _deliver(self, attempt: Attempt, people: tuple[str, str], envelope: Envelope) -> Receipt:
        if monotonic() > envelope.begin_by:
            return Receipt(Fault.LATE, said="too late for its first byte")
        mail = wire_bytes(envelope)
        try:
            talk = self._give(attempt, people, mail)
        except Refusal as refusal:
            return refusal.receipt()
        except (OSError, TooLate) as error:
            return broken_off(attempt, error)
        self._kept.append((monotonic(), talk))
        return Receipt(message_id=message_id(envelope), status=250)

    def _give(self, attempt: Attempt, people: tuple[str, str], mail: bytes) -> smtplib.SMTP:
        """On a kept connection if there is one; where that one turns out to be gone, once more on a new one."""
        kept = self._take()
        if kept is not None:
            try:
                return _used(kept, attempt, people, mail)
            except (Refusal, OSError) as error:
                gone = isinstance(error, OSError) or error.code == 421
                if attempt.left or not gone:
                    raise
        return _used(opened(self.server, attempt, called=self._called()), attempt, people, mail)

    def _greet(self, attempt: Attempt) -> Receipt:
        try:
            talk = opened(self.server, attempt, called=self._called())
        except Refusal as refusal:
            return refusal.receipt()
        except (OSError, TooLate) as error:
            return broken_off(attempt, error)
        _hang_up(talk)
        return Receipt()

    def _take(self) -> smtplib.SMTP | None:
        with contextlib.suppress(IndexError):
            while True:
                since, talk = self._kept.pop()
                if monotonic() - since < IDLE:
                    return talk
                _hang_up(talk)
        return None

    def _called(self) -> str:
        return self.sender.rpartition("@")[2]


def build(wanted: Wanted) -> Provider:
    """From OUTREACH_SMTP_URL; without it, a stand-in that says so. Raises Misuse (OUT-413) for what is no address."""
    if lacks := wanted.lacking(URL):
        return Unset("smtp", lacks)
    server = read_url(wanted.key(URL))
    if server is None:
        raise unusable(URL, "is no address of a mail server", "smtps://USER:PASSWORD@HOST:465")
    return Smtp(server, wanted.sender.address, wanted.reach, per_second=wanted.sender.per_second)


def _used(talk: smtplib.SMTP, attempt: Attempt, people: tuple[str, str], mail: bytes) -> smtplib.SMTP:
    """The connection after one mail; after anything else it is not used again."""
    with contextlib.ExitStack() as otherwise:
        otherwise.callback(talk.close)
        given(talk, attempt, people, mail)
        otherwise.pop_all()
    return talk


def _hang_up(talk: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if talk.sock is not None:
            talk.sock.settimeout(1)
        talk.quit()
    talk.close()
