"""The story of issue 4: one person says no, in words, and what comes of it through real doors, until they say yes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outreach.core.terms import Channel
from outreach.store.contacts import suppressions
from outreach.store.engine import writing
from outreach.store.inbox_schema import conversations
from outreach.web import hooks
from tests import builders
from tests.fake import posting
from tests.flows.stage import Stage, take_in, write_back
from tests.flows.writing_back import hash_of

FIRST = date(2026, 9, 1)
DAY = timedelta(days=1)
MAIL, PHONE = "leonor@example.com", "+447400123456"
BEN = "ben@example.net"
WORDS = "hi, please take me off your list, thank you"


@pytest.fixture
def shop(bare: Stage) -> Stage:
    """Leonor and Ben get a parcel on each of many days, and said yes to everything; only Leonor has a phone."""
    config = bare.project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("http://127.0.0.1:8076", posting.PAGES), encoding="utf-8")
    with (bare.project / ".env").open("a", encoding="utf-8") as env:
        env.write(f"TWILIO_ACCOUNT_SID={posting.ACCOUNT}\nTWILIO_AUTH_TOKEN={posting.TOKEN}\n")
    bare.rebuilt()
    with writing(bare.app.engine) as c:
        lea = builders.customer(c, "C-1", MAIL, PHONE, consent=("email", "text"), first_name="Leonor")
        ben = builders.customer(c, "C-2", BEN, None, consent=("email",), first_name="Ben")
        for key, who in (("L", lea), ("B", ben)):
            for n in (0, 1, 34, 100, 101, 102):
                placed = FIRST + n * DAY - 14 * DAY
                days: dict[str, Any] = {"placed_on": placed, "promised_on": placed + 8 * DAY}
                builders.order(c, f"{key}-{n}", who, delivered_on=placed + 7 * DAY, lines=["beans"], **days)
    return bare


@contextmanager
def twilio(stage: Stage) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=hooks.routes(stage.app, stage.app.load_doors()))) as client:
        yield client


def texted(stage: Stage, words: str, sid: str) -> None:
    """A text of hers, as Twilio posts it, signed."""
    body, headers = posting.form(posting.text(words, sid, PHONE), "/twilio/inbound")
    with twilio(stage) as client:
        answer = client.post("/twilio/inbound", content=body, headers=headers)
    assert (answer.status_code, "<Message" in answer.text) == (200, False), "the carrier's side answers, or we do"


def nights(stage: Stage, first: int, count: int) -> None:
    for n in range(first, first + count):
        stage.night(FIRST + n * DAY)
        stage.hand_over()


def to(stage: Stage, key: str) -> list[tuple[str, str, str]]:
    """(campaign, channel, state) of all that was ever made for them."""
    return [(m.campaign, m.channel, m.state) for m in stage.messages() if m.key == key]


def test_rules_7_9_12_13_35_36_a_story(shop: Stage, tmp_path: Path):
    nights(shop, 0, 1)
    assert [m[1:] for m in to(shop, "C-1")] == [("email", "accepted")]
    assert len(to(shop, "C-2")) == 1

    # STOP by text, in words: everything, by every channel; one confirmation, once ever
    shop.night(FIRST + DAY)
    waiting = [m for m in to(shop, "C-1") if m[2] == "ready"]
    texted(shop, WORDS, "SM" + "1" * 32)
    assert [m for m in to(shop, "C-1") if m[2] == "ready" and m[0] != "stopped"] == []
    assert len([m for m in to(shop, "C-1") if m[2] == "suppressed"]) == len(waiting)
    closed = shop.rows(sa.select(suppressions.c.contact_hash, suppressions.c.scope, suppressions.c.evidence))
    assert {tuple(row) for row in closed} == {(hash_of(a), "everything", WORDS) for a in (MAIL, PHONE)}
    shop.hand_over()
    texted(shop, WORDS, "SM" + "2" * 32)
    shop.hand_over()
    assert [m for m in to(shop, "C-1") if m[0] == "stopped"] == [("stopped", "text", "accepted")]
    so_far = to(shop, "C-1")

    # thirty nights: silence toward her is total, while Ben goes on hearing from the shop
    nights(shop, 2, 30)
    assert to(shop, "C-1") == so_far
    of_ben = len(to(shop, "C-2"))
    assert of_ben > 1

    # the same person is imported again, with a yes
    record = tmp_path / "customers.csv"
    row = {"customer": "C-1", "email": MAIL, "phone": PHONE, "country": "GB", "email_marketing": "yes"}
    row |= {"sms_marketing": "yes", "consent_at": "2026-09-20 10:00:00", "consent_source": "checkout"}
    write_back(record, [row, {**row, "customer": "C-9", "phone": ""}])
    take_in(shop.app, [record])
    nights(shop, 32, 8)
    assert to(shop, "C-1") == so_far
    assert to(shop, "C-9") == [], "nor under another key"

    # a person dealt with what she wrote; START: texts come back, and only texts
    shop.change(sa.update(conversations).values(closed_at=sa.func.current_timestamp()))
    texted(shop, "START", "SM" + "3" * 32)
    left = shop.rows(sa.select(suppressions.c.contact_hash, suppressions.c.scope))
    assert {tuple(row) for row in left} == {(hash_of(MAIL), "email")}
    nights(shop, 90, 20)
    new = to(shop, "C-1")[len(so_far) :]
    assert new, "texts are back"
    assert {channel for _, channel, _ in new} == {Channel.TEXT.value}
    assert len(to(shop, "C-2")) > of_ben
