"""Does every provider keep the port's promises? One suite for all of them, against the fake, which judges requests.

A new vendor joins by one more line in SIDES.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from outreach.core.lifecycle import Fault
from outreach.core.shop import Sender
from outreach.core.terms import Channel, Mode
from outreach.providers import sendgrid, smtp, twilio
from outreach.providers.base import Envelope, Found, Provider, Receipt
from outreach.providers.modes import within
from outreach.providers.outbox import Outbox
from outreach.providers.reach import Reach
from outreach.providers.wanted import Wanted
from tests.fake.journal import hashed
from tests.fake.running import Running
from tests.providers.envelopes import ACCOUNT, EMAIL, LIVE, NUMBER, PAGES, SHOP, TEXT
from tests.providers.scripted import nobody

DEADLINE = 0.5


@dataclass(frozen=True)
class Side:
    """A vendor as the suite sees it: how it is built, what it is given, and what it calls its faults."""

    build: Callable[[Wanted], Provider]
    sender: str
    envelope: Envelope
    refused: tuple[str, ...]
    key: tuple[str, ...]
    invalid: str
    doubtful: tuple[str, ...]


HTTP_DOUBTS = ("accept_hang", "accept_reset", "accept_trickle", "accept_500", "hang", "reset", "500", "502", "504")
SIDES = {
    "sendgrid": Side(sendgrid.build, SHOP, EMAIL, ("429", "503"), ("401", "403"), "400", HTTP_DOUBTS),
    "twilio": Side(twilio.build, NUMBER, TEXT, ("429", "503"), ("401", "403"), "400:21617", HTTP_DOUBTS),
    "smtp": Side(
        smtp.build,
        SHOP,
        EMAIL,
        ("429", "503"),
        ("401",),
        "400",
        ("accept_hang", "accept_reset", "accept_trickle", "hang", "reset"),
    ),
}
every = pytest.mark.parametrize("name", SIDES)
BAD = [(name, word) for name, side in SIDES.items() for word in side.doubtful]


@pytest.fixture
def speak(fake: Running) -> Callable[..., Any]:
    """Runs one conversation with a vendor as the fake plays it, and hangs up."""

    def run(name: str, what: Callable[[Provider, Side], Awaitable[Any]], reach: Reach = LIVE) -> Any:
        async def conversation() -> Any:
            provider = made(name, fake.environment, reach)
            try:
                return await what(provider, SIDES[name])
            finally:
                await provider.close()

        return asyncio.run(conversation())

    return run


def made(name: str, environment: dict[str, str], reach: Reach = LIVE) -> Provider:
    side = SIDES[name]
    return side.build(Wanted(Sender(side.sender, name), reach, environment, PAGES))


def hurried(provider: Provider) -> None:
    """A short deadline, where the vendor is about to be silent."""
    if isinstance(provider, smtp.Smtp):
        provider.deadline = DEADLINE
    elif isinstance(provider, sendgrid.SendGrid | twilio.Twilio):
        provider.wire.deadline = DEADLINE


async def send_hurried(provider: Provider, side: Side) -> Receipt:
    await provider.ready(1)  # on a busy machine a connection may take longer than the short deadline
    hurried(provider)
    return await provider.send(side.envelope)


async def send(provider: Provider, side: Side) -> Receipt:
    return await provider.send(side.envelope)


@every
def test_an_ordinary_message_is_taken_once_and_breaks_nothing(name: str, fake: Running, speak: Callable[..., Any]):
    """Rule 38."""
    receipt = speak(name, send)
    assert receipt.fault is None, receipt
    assert receipt.message_id
    (line,) = fake.lines()
    assert (line.provider, line.took, line.wrong) == (name, True, None)
    assert line.reference == SIDES[name].envelope.reference


@every
def test_its_name_and_that_it_cannot_tell_two_from_one(name: str, fake: Running):
    provider = made(name, fake.environment)
    assert provider.name == name
    assert not provider.idempotent
    assert provider.per_second is None


@pytest.mark.parametrize(("name", "word"), BAD, ids=[f"{name}-{word}" for name, word in BAD])
def test_nobody_knows(name: str, word: str, fake: Running, speak: Callable[..., Any]):
    """Rules 19 and 27: after the bytes left nobody knows."""
    fake.mode(**{name: {"next": [word]}})
    assert speak(name, send_hurried).fault is Fault.DOUBT
    assert len(fake.lines()) == 1, "nothing is handed again by itself"


@every
def test_where_nobody_listens_it_was_surely_not_reached(name: str, fake: Running):
    """Rule 19."""
    port = nobody()
    environment = {
        **fake.environment,
        "OUTREACH_SENDGRID_URL": f"http://127.0.0.1:{port}",
        "OUTREACH_TWILIO_URL": f"http://127.0.0.1:{port}",
        "OUTREACH_SMTP_URL": f"smtp://u:p@127.0.0.1:{port}",
    }

    async def run() -> Receipt:
        provider = made(name, environment)
        receipt = await provider.send(SIDES[name].envelope)
        await provider.close()
        return receipt

    assert asyncio.run(run()).fault is Fault.NOT_REACHED


@every
def test_not_now(name: str, fake: Running, speak: Callable[..., Any]):
    for word in SIDES[name].refused:
        fake.mode(**{name: {"next": [word], "retry_after": 7}})
        receipt = speak(name, send)
        assert receipt.fault is Fault.REFUSED
        if name != "smtp":  # SMTP has no word for how long
            assert receipt.wait is not None
            assert receipt.wait.total_seconds() == 7


@every
def test_a_key_that_is_not_known(name: str, fake: Running, speak: Callable[..., Any]):
    for word in SIDES[name].key:
        fake.mode(**{name: {"next": [word]}})
        assert speak(name, send).fault is Fault.KEY


@every
def test_this_message_never(name: str, fake: Running, speak: Callable[..., Any]):
    fake.mode(**{name: {"next": [SIDES[name].invalid]}})
    assert speak(name, send).fault is Fault.INVALID


@every
def test_what_is_said_names_nobody(name: str, fake: Running, speak: Callable[..., Any]):
    side = SIDES[name]
    for word in (*side.refused, *side.key, side.invalid):
        fake.mode(**{name: {"next": [word]}})
        said = speak(name, send).said
        assert said
        assert side.envelope.to not in said
        assert str(side.envelope.text) not in said


@every
@pytest.mark.parametrize("mode", [Mode.OUTBOX, Mode.TEAM, Mode.LIVE])
@pytest.mark.parametrize("house", [Mode.OUTBOX, Mode.TEAM, Mode.LIVE])
def test_nothing_but_live_reaches_a_customer(
    name: str, mode: Mode, house: Mode, fake: Running, speak: Callable[..., Any]
):
    """The vendor is called directly: whoever calls it, only a live message of a live house goes to a customer."""
    side = SIDES[name]
    reach = Reach(house, {Channel.EMAIL: ("lee@alder.example",), Channel.TEXT: ("+447700900777",)})

    async def try_it(provider: Provider, _: Side) -> Receipt:
        return await provider.send(replace(side.envelope, mode=mode))

    receipt = speak(name, try_it, reach)
    if mode is house is Mode.LIVE:
        assert receipt.fault is None
    else:
        assert receipt.fault is Fault.INVALID
        assert fake.lines() == []


@every
def test_in_team_mode_a_teammate_gets_it(name: str, fake: Running, speak: Callable[..., Any]):
    side = SIDES[name]
    mate = {Channel.EMAIL: "lee@alder.example", Channel.TEXT: "+447700900777"}[side.envelope.channel]
    reach = Reach(Mode.TEAM, {side.envelope.channel: (mate,)})

    async def redirected(provider: Provider, _: Side) -> Receipt:
        # the mail program's way out is missing on purpose, which the fake holds against it
        return await within(reach, provider).send(replace(side.envelope, mode=Mode.TEAM))

    speak(name, redirected, reach)
    (line,) = fake.lines()
    assert line.to == hashed(mate)
    assert line.to != hashed(side.envelope.to)


@every
def test_its_key_and_sender_are_looked_at_without_a_message(name: str, fake: Running, speak: Callable[..., Any]):
    async def look(provider: Provider, _: Side) -> Any:
        return await provider.check()

    good = speak(name, look)
    assert good.good, good
    fake.mode(**{name: {"chances": {"401": 1.0}}})
    bad = speak(name, look)
    assert not bad.good
    assert bad.mend
    assert fake.lines() == []


@every
def test_a_look_never_says_absent_of_what_was_just_handed(name: str, fake: Running, speak: Callable[..., Any]):
    async def look(provider: Provider, side: Side) -> Any:
        from_now = await provider.look_up(side.envelope, datetime.now(UTC))
        return from_now.found

    assert speak(name, look) is Found.CANNOT_TELL


@every
def test_it_can_be_closed_and_used_again(name: str, speak: Callable[..., Any]):
    async def twice(provider: Provider, side: Side) -> list[Receipt]:
        await provider.close()
        first = await provider.send(side.envelope)
        await provider.close()
        await provider.close()
        return [first, await provider.send(side.envelope)]

    assert [receipt.fault for receipt in speak(name, twice)] == [None, None]


@every
def test_many_at_once(name: str, fake: Running, speak: Callable[..., Any]):
    async def all_at_once(provider: Provider, side: Side) -> list[Receipt]:
        envelopes = [replace(side.envelope, reference=f"k3x-{number}-1") for number in range(40)]
        jobs: list[Coroutine[Any, Any, Receipt]] = [provider.send(each) for each in envelopes]
        return await asyncio.gather(*jobs)

    receipts = speak(name, all_at_once)
    assert {receipt.fault for receipt in receipts} == {None}
    assert len({receipt.message_id for receipt in receipts}) == 40
    assert {line.reference for line in fake.lines()} == {f"k3x-{number}-1" for number in range(40)}


@every
def test_neither_key_nor_address_is_logged(
    name: str, fake: Running, speak: Callable[..., Any], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    for word in ("accept", "hang", SIDES[name].invalid, SIDES[name].key[0]):
        fake.mode(**{name: {"next": [word]}})
        speak(name, send_hurried)
    secret = {fake.environment["SENDGRID_API_KEY"], SIDES[name].envelope.to, str(SIDES[name].envelope.text), ACCOUNT}
    assert not [word for word in secret if word in caplog.text]


def test_the_outbox_keeps_the_promises_that_are_its_own(tmp_path: Path):
    """Nothing leaves, so it is never refused, and may be handed the same message twice."""

    async def run() -> list[Receipt]:
        outbox: Provider = Outbox(tmp_path)
        assert outbox.idempotent
        assert (await outbox.check()).good
        found = [await outbox.send(each) for each in (EMAIL, EMAIL, TEXT)]
        await outbox.close()
        return found

    receipts = asyncio.run(run())
    assert [receipt.fault for receipt in receipts] == [None] * 3
    assert receipts[0] == receipts[1]
