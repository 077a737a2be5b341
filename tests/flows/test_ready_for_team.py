"""What does team mode need, what does live need besides, and is a provider asked only when somebody looks?"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from outreach.core.errors import Misuse
from outreach.core.posts import Doors
from outreach.core.shop import Sender
from outreach.core.terms import Channel, Mode
from outreach.flows import wish_list
from outreach.flows.app import App
from outreach.flows.readiness import asked, checks, in_the_way, require_ready
from outreach.providers.base import Envelope, LookUp, Receipt, Verdict
from tests.flows.stage import Stage

TEAM = {Channel.EMAIL: ("lee@alder.example",), Channel.TEXT: ("+44 7700 900777",)}
SENDERS = {Channel.EMAIL: Sender("hello@alder.example", "sendgrid"), Channel.TEXT: Sender("+447700900999", "twilio")}


@dataclass
class Asked:
    """A provider that may only be asked about itself, and hung up on."""

    name: str
    verdict: Verdict
    closed: int = 0
    idempotent: bool = False
    per_second: float | None = None
    at_once: int = 1

    async def ready(self, calls: int) -> None:
        """No connections."""

    async def send(self, envelope: Envelope) -> Receipt:
        raise AssertionError("looking never writes to anybody")

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        raise AssertionError("nor asks about anybody")

    async def check(self) -> Verdict:
        await asyncio.sleep(0)
        return self.verdict

    async def close(self) -> None:
        self.closed += 1


GOOD = Verdict(True, "key works")


def shop(
    app: App,
    mode: Mode,
    *,
    team: Mapping[Channel, tuple[str, ...]] = TEAM,
    senders: dict[Channel, Sender] = SENDERS,
    pages: str = "https://hello.alder.example",
) -> App:
    house = replace(app.house, mode=mode, team=dict(team), senders=senders)
    providers = {channel: Asked(sender.provider, GOOD) for channel, sender in senders.items()}
    return replace(app, house=replace(house, shop=replace(house.shop, base_url=pages)), providers=providers)


def test_team_mode_asks_for_little(sqlite_stage: Stage):
    require_ready(shop(sqlite_stage.app, Mode.TEAM))


LACKS = {
    "a provider": ({"senders": {**SENDERS, Channel.TEXT: Sender("Alder", "outbox")}}, "Providers: outbox keeps"),
    "a teammate": ({"team": {Channel.EMAIL: ("lee@alder.example",)}}, "Team: nobody is listed under team.text"),
    "a country code": ({"team": {**TEAM, Channel.TEXT: ("07700 900777",)}}, "Team: a number under team.text has no"),
    "an address for links": ({"pages": "http://127.0.0.1:8076"}, "Links: messages would link to http://127"),
}  # fmt: skip


@pytest.mark.parametrize(("lack", "said"), LACKS.values(), ids=LACKS)
def test_team_mode_is_refused_without(sqlite_stage: Stage, lack: dict, said: str):
    with pytest.raises(Misuse) as refused:
        require_ready(shop(sqlite_stage.app, Mode.TEAM, **lack))
    assert refused.value.code == "OUT-311"
    assert len(refused.value.facts) == 1
    assert refused.value.facts[0].startswith(said)


def test_live_stays_refused_while_a_way_in_is_shut(sqlite_stage: Stage):
    with pytest.raises(Misuse) as refused:
        require_ready(shop(sqlite_stage.app, Mode.LIVE, pages="http://127.0.0.1:8076"))
    lacks = ["Opt-out list", "Customer pages", "Replies", "Webhooks"]
    assert [fact.partition(":")[0] for fact in refused.value.facts] == lacks
    assert "SendGrid events needs SENDGRID_WEBHOOK_KEY" in refused.value.facts[-1]
    assert "SendGrid inbound" not in refused.value.facts[-1], "nobody is told to open what no mail comes through"


def test_live_opens_when_every_way_in_does(sqlite_stage: Stage):
    wish_list.declare_none(sqlite_stage.app)
    app = shop(sqlite_stage.app, Mode.LIVE)
    house = replace(app.house, replies=replace(app.house.replies, address="hello@reply.alder.example"))
    require_ready(replace(app, house=house, load_doors=lambda: Doors(())))


def test_a_shop_without_a_door_for_mail_is_told_what_that_costs(sqlite_stage: Stage):
    """By SMTP there is none to open: a person reads the mail, and records wishes."""
    senders = {Channel.EMAIL: Sender("hello@alder.example", "smtp")}
    found = {check.name: check for check in checks(shop(sqlite_stage.app, Mode.LIVE, senders=senders))}
    assert (found["Replies"].state, found["Webhooks"].state) == ("think", "ok")
    assert "outreach optout add" in found["Replies"].mend


def test_outbox_mode_needs_nothing_and_asks_nobody(sqlite_stage: Stage):
    app = shop(sqlite_stage.app, Mode.OUTBOX, team={}, senders={Channel.EMAIL: Sender("hello@alder.example", "outbox")})
    require_ready(app)
    assert asked(app) == []
    assert in_the_way(checks(app), Mode.OUTBOX) == []


def test_a_provider_that_does_not_know_us_stands_in_the_way_of_whoever_looks(sqlite_stage: Stage):
    app = shop(sqlite_stage.app, Mode.TEAM, pages="http://127.0.0.1:8076")
    knows, knows_not = Asked("sendgrid", GOOD), Asked("twilio", Verdict(False, "refuses our key (401)", "a new key"))
    app = replace(app, providers={Channel.EMAIL: knows, Channel.TEXT: knows_not})
    found = asked(app)
    assert [(check.name, check.state, check.said, check.mend) for check in found] == [
        ("Email provider", "ok", "sendgrid: key works", ""),
        ("Text provider", "bad", "twilio: refuses our key (401)", "a new key"),
    ]
    assert in_the_way(found, Mode.TEAM) == in_the_way(found, Mode.LIVE) == [found[1]]
    assert (knows.closed, knows_not.closed) == (1, 1)
    require_ready(replace(app, house=shop(app, Mode.TEAM).house))  # no night depends on its answering just now
