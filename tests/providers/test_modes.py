"""Does a message of team mode go to a teammate, say whom it was for, and leave that person's rights alone?"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Envelope, Found, LookUp, Provider, Receipt, Verdict
from outreach.providers.modes import Redirected, for_teammate, within
from outreach.providers.reach import Reach
from tests.providers.envelopes import NOW, email, text

LEE, SAM = "lee@alder.example", "sam@alder.example"
PHONE = "+447700900777"
TEAM = {Channel.EMAIL: (LEE, SAM), Channel.TEXT: (PHONE,)}


@dataclass
class Kept:
    """A vendor that keeps what it is given, as far as the reach allows."""

    reach: Reach
    given: list[Envelope] = field(default_factory=list)
    name: str = "kept"
    idempotent: bool = False
    per_second: float | None = 3.0
    at_once: int = 7

    async def ready(self, calls: int) -> None:
        """No connections."""

    async def send(self, envelope: Envelope) -> Receipt:
        if refusal := self.reach.refusal(envelope):
            return refusal
        self.given.append(envelope)
        return Receipt()

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        self.given.append(envelope)
        return LookUp(Found.THERE, envelope.to)

    async def check(self) -> Verdict:
        return Verdict(True, "kept")

    async def close(self) -> None:
        self.given.clear()


def handed(*envelopes: Envelope, team: dict[Channel, tuple[str, ...]] = TEAM) -> tuple[list[Receipt], list[Envelope]]:
    reach = Reach(Mode.TEAM, team)
    vendor = Kept(reach)

    async def run() -> list[Receipt]:
        return [await within(reach, vendor).send(envelope) for envelope in envelopes]

    return asyncio.run(run()), vendor.given


def test_the_team_takes_turns():
    _, given = handed(*(email(id=f"m-{number}", mode=Mode.TEAM) for number in range(4)))
    assert [envelope.to for envelope in given] == [LEE, SAM, LEE, SAM]


def test_a_teammate_who_is_a_customer_gets_their_own():
    _, given = handed(email(mode=Mode.TEAM, to="Sam@Alder.example"))
    assert [envelope.to for envelope in given] == ["Sam@Alder.example"]


def test_a_mail_says_whom_it_is_for_and_can_opt_nobody_out():
    _, (given,) = handed(
        email(mode=Mode.TEAM, html='<html><BODY class="x"><p>Hello</p></BODY></html>', to="a&b@x.example")
    )
    assert given.subject == "[TEAM] Is everything all right?"
    assert str(given.text).splitlines()[0] == "[TEAM] In live mode this goes to a&b@x.example."
    html = str(given.html)
    assert "a&amp;b@x.example" in html
    assert html.index("<BODY") < html.index("[TEAM]") < html.index("Hello")
    assert {name for name, _ in given.headers} == {"From", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress"}


def test_a_text_says_whom_it_is_for():
    _, (given,) = handed(text(mode=Mode.TEAM))
    assert given.to == PHONE
    assert str(given.text).startswith("[TEAM] In live mode this goes to +447700900123. Alder: ")


def test_a_mail_of_text_alone_or_without_a_body_tag():
    assert for_teammate(email(html=None), LEE).html is None
    assert str(for_teammate(email(html="<p>Hello</p>"), LEE).html).endswith("<p>Hello</p>")


def test_without_a_team_nobody_gets_anything():
    (receipt,), given = handed(email(mode=Mode.TEAM), team={})
    assert (receipt.fault, given) == (Fault.INVALID, [])
    assert receipt.said == "nobody is listed under team.email"


@pytest.mark.parametrize("mode", [Mode.OUTBOX, Mode.LIVE])
def test_messages_of_another_mode_do_not_slip_through(mode: Mode):
    (receipt,), given = handed(email(mode=mode))
    assert (receipt.fault, given) == (Fault.INVALID, [])


def test_a_look_asks_for_what_was_really_handed():
    reach = Reach(Mode.TEAM, TEAM)
    found = asyncio.run(within(reach, Kept(reach)).look_up(text(mode=Mode.TEAM), NOW))
    assert found.message_id == PHONE


def test_all_else_is_the_vendors_own():
    reach = Reach(Mode.TEAM, TEAM)
    vendor = Kept(reach, given=[email()])
    provider: Provider = within(reach, vendor)
    assert isinstance(provider, Redirected)
    assert (provider.name, provider.idempotent, provider.per_second) == ("kept", False, 3.0)
    assert asyncio.run(provider.check()).good
    asyncio.run(provider.close())
    assert vendor.given == []


@pytest.mark.parametrize("mode", [Mode.OUTBOX, Mode.LIVE])
def test_other_modes_change_nothing(mode: Mode):
    reach = Reach(mode, TEAM)
    vendor = Kept(reach)
    assert within(reach, vendor) is vendor
