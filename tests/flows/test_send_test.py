"""Whom does a test reach, what does it say, and is it sure to count nowhere?"""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse, Refused, Unfinished
from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App
from outreach.flows.preview import Want
from outreach.flows.send_test import A_DAY, ACTION, send_test
from outreach.providers.base import Envelope, Receipt
from outreach.render.links import Links, Purpose
from outreach.store.schema import audits
from tests.builders import SECRETS
from tests.flows.stage import Stage
from tests.flows.test_templates import spoil

TAKEN = Receipt(message_id="x")
LEE, PHONE = "lee@alder.example", "+447911123456"


@dataclass
class Keeps:
    """A provider at the port: keeps what it is handed and answers what the test says."""

    answer: Receipt = TAKEN
    got: list[Envelope] = field(default_factory=list)
    name: str = "keeps"
    idempotent: bool = True
    per_second: float | None = None
    at_once: int = 1

    async def ready(self, calls: int) -> None:
        """No connections."""

    async def send(self, envelope: Envelope) -> Receipt:
        self.got.append(envelope)
        return self.answer


@pytest.fixture
def team(sqlite_stage: Stage) -> Stage:
    """The stocked shop with a team of one, reachable both ways; a night was played."""
    spoil(
        sqlite_stage.project, "config/outreach.yaml", "{email: [], text: []}", f'{{email: [{LEE}], text: ["{PHONE}"]}}'
    )
    return sqlite_stage


def with_provider(app: App, provider: Any, mode: Mode = Mode.OUTBOX) -> App:
    """The same shop in a mode, with the provider of the test."""
    house = replace(app.house, mode=mode)
    return replace(app, providers={Channel.EMAIL: provider, Channel.TEXT: provider}, house=house)


def links_in(text: str) -> set[str]:
    return set(re.findall(r"http://127\.0\.0\.1:8076/[^\s\"<>)]+", text))


def test_an_email_says_that_it_is_a_test_and_its_links_are_nobodys(team: Stage):
    team.night()
    one = next(m for m in team.messages(campaign="delivery_check", channel="email", language="en"))
    keeps, before = Keeps(), team.counts()
    sent = send_test(with_provider(team.app, keeps), Want("delivery_check", customer=one.key), to="Lee@Alder.example ")
    (envelope,) = keeps.got
    assert (envelope.to, envelope.id, envelope.mode) == (LEE, sent.id, Mode.OUTBOX)
    assert envelope.subject is not None
    assert envelope.subject.startswith("[TEST] Order ")
    said = f"Test of delivery_check as {sent.shown.greeted}. Links are examples."
    assert str(envelope.text).startswith(f"{said}\n\nHello")
    assert envelope.html is not None
    shown = re.sub(r"<[^>]+>", " ", str(envelope.html).partition("<body")[2]).split(">", 1)[1].split()
    assert " ".join(shown).startswith(said.replace("&", "&amp;"))
    everywhere = (
        links_in(str(envelope.text))
        | links_in(str(envelope.html))
        | links_in(dict(envelope.headers)["List-Unsubscribe"])
    )
    shop = Links(SECRETS.token_keys, "http://127.0.0.1:8076", mailbox="hello@alder.example")
    for link in everywhere:
        assert link.startswith("http://127.0.0.1:8076/t/"), link
        token = link.partition("/t/")[2].partition("?")[0]
        assert shop.read(token, Purpose.EXAMPLE) == 0
        assert all(shop.read(token, purpose) is None for purpose in Purpose if purpose is not Purpose.EXAMPLE)
        assert shop.read_answer(token) is None
    assert len(everywhere) == 5
    assert "mailto:hello@alder.example?subject=example" in dict(envelope.headers)["List-Unsubscribe"]
    assert team.counts() == {**before, "audit": before["audit"] + 1}, "no outbox row, nothing told, no rest"
    (line,) = team.rows(sa.select(audits).where(audits.c.action == "send-test"))
    assert LEE not in str(line.detail)


def test_a_text_goes_by_text_and_says_so_too(team: Stage):
    keeps = Keeps()
    send_test(with_provider(team.app, keeps), Want("delivery_check", person="no-first-name"), to="07911 123456")
    (envelope,) = keeps.got
    assert (envelope.to, envelope.channel, envelope.subject) == (PHONE, Channel.TEXT, None)
    assert str(envelope.text).startswith("Test of delivery_check as no-first-name. Links are examples. Alder:")
    with pytest.raises(Misuse) as refused:
        send_test(team.app, Want("delivery_check", channel=Channel.EMAIL), to=PHONE)
    assert refused.value.code == "OUT-600"


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "to", ["ana@example.com", "lee@alder.example.com", "+447911123457", "", "lee", "@", f"{LEE},x@y.example"]
)
def test_nobody_else_ever_gets_one(team: Stage, to: str, mode: Mode):
    keeps, before = Keeps(), team.counts()
    with pytest.raises(Misuse) as refused:
        send_test(with_provider(team.app, keeps, mode), Want("delivery_check"), to=to)
    assert refused.value.code == "OUT-190"
    assert not to or to not in " ".join((refused.value.message, *refused.value.facts, refused.value.help))
    assert (keeps.got, team.counts()) == ([], before)


def test_without_a_team_there_is_nobody_to_send_to(sqlite_stage: Stage):
    with pytest.raises(Misuse) as refused:
        send_test(sqlite_stage.app, Want("delivery_check"), to=LEE)
    assert refused.value.code == "OUT-190"


def test_fifty_a_day_and_tomorrow_again(team: Stage):
    keeps = Keeps()
    app = with_provider(team.app, keeps)
    assert send_test(app, Want("delivery_check"), to=LEE).left == A_DAY - 1 == 49
    (first,) = team.rows(sa.select(audits).where(audits.c.action == ACTION))
    line = {"at": first.at, "actor": "lee", "action": ACTION, "about": "x", "detail": {}}
    team.change(sa.insert(audits).values([line] * 48))
    assert send_test(app, Want("delivery_check"), to=LEE).left == 0
    with pytest.raises(Misuse) as refused:
        send_test(app, Want("delivery_check"), to=LEE)
    assert refused.value.code == "OUT-191"
    assert len(keeps.got) == 2
    team.change(sa.update(audits).values(at=first.at - timedelta(days=1)))
    assert send_test(app, Want("delivery_check"), to=LEE).left == 49


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.KEY, Refused), (Fault.BAD_ADDRESS, Refused), (Fault.NOT_REACHED, Unfinished), (Fault.DOUBT, Unfinished)],
)
def test_a_provider_that_does_not_take_it(team: Stage, fault: Fault, kind: type[Exception]):
    with pytest.raises(kind) as refused:
        send_test(with_provider(team.app, Keeps(Receipt(fault, said="401"))), Want("delivery_check"), to=LEE)
    assert refused.value.code == "OUT-192"  # type: ignore[attr-defined]


def test_in_outbox_mode_it_is_a_file(team: Stage):
    sent = send_test(team.app, Want("upgrade_offer", person="right-to-left"), to=LEE)
    folder = team.project / ".outreach" / "outbox" / sent.night
    mail = message_from_bytes((folder / f"{sent.id}.eml").read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == (LEE, sent.content.subject)
    assert {p.name for p in folder.iterdir()} == {f"{sent.id}.eml", f"{sent.id}.html"}
