"""While a person is dealing with somebody, is everybody else silent, is the promise counted, and does it end?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.conversation import Label, Matter
from outreach.core.errors import Misuse
from outreach.core.shop import Person
from outreach.core.terms import Channel
from outreach.flows import converse, opt_out, replying
from outreach.flows.app import App
from outreach.flows.converse import Told
from outreach.store import conversations, sending, visitors
from outreach.store.engine import now, writing
from outreach.store.inbox_schema import conversations as table
from outreach.store.page_answers import Question
from outreach.store.schema import audits, contents, outbox
from tests import builders
from tests.flows.stage import NIGHT, Stage
from tests.flows.writing_back import ANA, BEN, MAIL, Pen, hash_of, rows, said, talks

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(bare: Stage) -> Stage:
    """Ana (phone, email) and Kim share a household's email; Ben has a phone. Each got a parcel."""
    with writing(bare.app.engine) as c:
        ana = builders.customer(c, "C-1", MAIL, ANA, consent=("email", "text"))
        ben = builders.customer(c, "C-2", None, BEN, consent=("text",), first_name="Ben")
        kim = builders.customer(c, "C-3", MAIL, None, consent=("email",), first_name="Kim", household=ana)
        for key, who, day in (("O-1", ana, 7), ("O-2", ben, 7), ("O-3", kim, 6)):
            days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
            builders.order(c, key, who, delivered_on=NIGHT.replace(day=day), lines=["beans"], **days)
    return bare


@pytest.fixture
def pen(shop: Stage) -> Pen:
    return Pen(shop.app)


def states(stage: Stage) -> dict[str, str]:
    return {m.key: m.state for m in stage.messages() if m.kind != "answer"}


def reasons(stage: Stage) -> dict[str, str]:
    return {key: reason for _, key, _, _, _, reason, _, _ in stage.decisions()}


def overdue(app: App, count: int) -> None:
    """So many conversations whose promised hour has passed."""
    with writing(app.engine) as c:
        for n in range(count):
            at = datetime(2026, 11, 10, 9, tzinfo=UTC)
            about = Matter(None, f"{n:064x}", Channel.EMAIL, Label.REPLY, at, at + HOUR)
            conversations.open_or_add(c, about)


# --- silence


def test_a_reply_withdraws_what_waits_for_them(shop: Stage, pen: Pen):
    shop.night()
    assert "ready" in states(shop).values()
    heard = pen.text("Can I have an invoice?", by=BEN)
    assert (heard.withdrawn, states(shop)["C-2"]) == (1, "cancelled")
    (row,) = [m for m in shop.messages() if m.key == "C-2" and m.kind != "answer"]
    assert row.because == "a person is dealing with it"
    assert shop.hand_over().states["accepted"] == 2  # the other household's check, and what Ben is told


@pytest.mark.parametrize(("words", "reason"), [("Can I have an invoice?", "reply_open"), ("3", "complaint_open")])
def test_and_nights_leave_them_alone_until_it_is_closed(shop: Stage, pen: Pen, words: str, reason: str):
    if words == "3":
        shop.night(NIGHT - timedelta(days=1))
        shop.hand_over()
        shop.change(sa.text("DELETE FROM told"))
    pen.text(words, by=BEN)
    shop.night()
    assert reasons(shop)["C-2"] == reason
    name = replying.name_of(talks(shop.app)[0].id)
    replying.close(shop.app, name, did="sent it", change="invoices go with the parcel")
    shop.night(NIGHT + timedelta(days=1))
    assert reasons(shop)["C-2"] != reason


def test_a_family_with_one_mailbox_is_silent_together(shop: Stage, pen: Pen):
    pen.mail("Can I have an invoice?")
    shop.night()
    assert {reasons(shop)["C-1"], reasons(shop)["C-3"]} == {"reply_open"}


def test_a_strangers_letter_silences_whoever_the_address_comes_to_belong_to(shop: Stage, pen: Pen):
    pen.mail("Do you repair grinders?", by="new@example.net")
    with writing(shop.app.engine) as c:
        new = builders.customer(c, "C-7", "new@example.net", first_name="Nia")
        days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
        builders.order(c, "O-7", new, delivered_on=NIGHT.replace(day=7), lines=["beans"], **days)
    shop.night()
    assert reasons(shop)["C-7"] == "reply_open"


def test_what_was_queued_since_does_not_leave(shop: Stage, pen: Pen):
    """A planner that had decided before may put its message in after; T1 asks again."""
    shop.night()
    pen.text("Can I have an invoice?", by=BEN)
    shop.change(sa.update(outbox).where(outbox.c.because.is_not(None)).values(state="ready", because=None))
    shop.hand_over()
    (row,) = [m for m in shop.messages() if m.key == "C-2" and m.kind != "answer"]
    assert (row.state, row.because) == ("cancelled", "a person is dealing with it")


@pytest.mark.parametrize(("kind", "leaves"), [("service", False), ("safety", True), ("answer", True)])
def test_nor_what_a_worker_holds_already(shop: Stage, kind: str, leaves: bool):
    """T2 asks once more; a danger in what they own, and the answer itself, leave."""
    shop.night()
    (row,) = [m for m in shop.messages() if m.key == "C-2"]
    with writing(shop.app.engine) as c:
        c.execute(sa.update(outbox).where(outbox.c.id == row.id).values(kind=kind))
        at = now(c)
        held = sending.claim(c, [row.id], owner="w", at=at)
        conversations.open_or_add(c, Matter(row.customer_id, "0" * 64, Channel.EMAIL, Label.REPLY, at, None))
        handed = sending.hand(c, [(h.id, h.attempt) for h in held], at=at, deadline=timedelta(seconds=20))
    assert (len(held), bool(handed)) == (1, leaves)


def test_nobody_to_answer_three_overdue_answers_stop_the_checks(shop: Stage):
    overdue(shop.app, 2)
    shop.night(NIGHT - timedelta(days=1))
    assert "nobody_to_answer" not in reasons(shop).values()
    shop.change(sa.text("DELETE FROM told"), sa.delete(contents), sa.delete(outbox))
    overdue(shop.app, 3)  # the same two, and one more
    shop.night()
    assert set(reasons(shop).values()) == {"nobody_to_answer"}


def test_and_answering_one_lets_them_ask_again(shop: Stage):
    overdue(shop.app, 3)
    replying.close(shop.app, f"r-{talks(shop.app)[0].id}", did="wrote by hand", change="more people on Mondays")
    shop.night()
    assert "nobody_to_answer" not in reasons(shop).values()


# --- the clock


def test_the_first_promise_stands_until_we_answered(shop: Stage, pen: Pen):
    pen.text("Can I have an invoice?", by=BEN)
    first = talks(shop.app)[0].answer_by
    early = datetime(2026, 1, 5, 17, tzinfo=UTC)
    shop.change(sa.update(table).values(answer_by=early))
    pen.text("Hello?", by=BEN)
    assert talks(shop.app)[0].answer_by == early
    replying.answer(shop.app, "r-1", "Here it is.")
    pen.text("And the second page?", by=BEN)
    (talk,) = talks(shop.app)
    assert (talk.answered_at, talk.answer_by >= first) == (None, True)
    assert [line.labels for line in said(shop.app) if not line.theirs] == [["too_late"]]


def test_writing_again_after_it_was_closed_opens_a_new_one(shop: Stage, pen: Pen):
    pen.text("Can I have an invoice?", by=BEN)
    replying.close(shop.app, "r-1", did="sent it", change="invoices go with the parcel")
    pen.text("It is the wrong one", by=BEN)
    assert [talk.closed_at is None for talk in talks(shop.app)] == [False, True]
    (before,) = replying.shown(shop.app, "r-2").earlier
    assert (before.did, before.change) == ("sent it", "invoices go with the parcel")


def test_a_complaint_stays_one_and_a_doubt_stays_a_doubt(shop: Stage):
    with writing(shop.app.engine) as c:
        at = now(c)
        about = {"customer_id": 2, "contact_hash": hash_of(BEN), "channel": Channel.TEXT, "at": at, "answer_by": at}
        first = conversations.open_or_add(c, Matter(**about, label=Label.COMPLAINT, answer="wrong", unsure=True))
        second = conversations.open_or_add(c, Matter(**about, label=Label.REPLY))
    (talk,) = talks(shop.app)
    assert (first == second, talk.label, talk.answer, talk.unsure) == (True, "complaint", "wrong", True)


# --- pages


def told(shop: Stage, **more: Any) -> Told:
    with writing(shop.app.engine) as c:
        return Told(now(c), "the lid is cracked", Label.COMPLAINT, Question(1, "delivery_check", "O-1"), **more)


def test_what_was_told_on_a_page_opens_one_and_damage_is_confirmed(shop: Stage):
    what = told(shop, answer="wrong")
    with writing(shop.app.engine) as c:
        visitor = visitors.visitor(c, 1)
        assert visitor is not None
        promised = converse.opened_by_page(shop.app, c, visitor, what)
    (talk,) = talks(shop.app)
    assert (promised.conversation_id, promised.answer_by, talk.label) == (talk.id, talk.answer_by, "complaint")
    assert [m.campaign for m in shop.messages()] == ["damage_received"]


def test_who_left_and_told_us_why_is_promised_nothing(shop: Stage):
    what = told(shop, answer="wrong", write_back=False)
    with writing(shop.app.engine) as c:
        visitor = visitors.visitor(c, 1)
        assert visitor is not None
        promised = converse.opened_by_page(shop.app, c, visitor, what)
    assert (promised.answer_by, shop.messages()) == (None, [])


def test_the_day_promised_is_the_customers_own(shop: Stage, pen: Pen):
    """17:00 on Monday in London is Tuesday morning in Auckland, and the hour is said in their time."""
    shop.change(sa.text("UPDATE customer SET country = 'NZ', zone = 'Pacific/Auckland'"))
    pen.text("Can I have an invoice?", by=BEN)
    (message,) = shop.messages()
    by = talks(shop.app)[0].answer_by
    assert message.facts["promise"]["answer_on"] == (by.date() + timedelta(days=1)).isoformat()


# --- a person answers


@pytest.mark.parametrize(("actor", "signed"), [("lee", "Lee Park"), ("root", None)])
def test_a_letter_is_signed_by_who_wrote_it(
    shop: Stage, pen: Pen, monkeypatch: pytest.MonkeyPatch, actor: str, signed: str | None
):
    """By the name under `people:`; else by whoever signs for the shop."""
    monkeypatch.setenv("OUTREACH_ACTOR", actor)
    house = shop.app.house
    people = {**house.shop.people, "lee": Person("lee", "Lee Park", "lee@alder.example")}
    app = replace(shop.app, house=replace(house, shop=replace(house.shop, people=people)))
    pen.mail("Can I have an invoice?", subject="My invoice")
    message = replying.answer(app, "r-1", "Here it is.")
    (row,) = [m for m in shop.messages() if m.id == message]
    assert row.facts["signed"] == signed


def test_an_answer_goes_out_in_the_same_thread_by_the_same_way(shop: Stage, pen: Pen):
    pen.mail("Can I have an invoice?", subject="My invoice")
    message = replying.answer(shop.app, "r-1", "Hello Ana,\n\nhere it is.\n\nLee")
    (row,) = [m for m in shop.messages() if m.id == message]
    assert (row.campaign, row.kind, row.channel, row.answers_at) == ("answer_by_hand", "answer", "email", said_at(shop))
    assert row.facts["words"] == ["Hello Ana,", "here it is.", "Lee"]
    (talk,) = talks(shop.app)
    assert (talk.answered_at is not None, talk.closed_at, talk.taken_by is not None) == (True, None, True)
    assert [(line.theirs, line.outbox_id, line.labels) for line in said(shop.app)] == [
        (True, None, []),
        (False, message, ["in_time"]),
    ]
    assert shop.hand_over().states["accepted"] == 2


def said_at(shop: Stage) -> datetime:
    found: datetime = said(shop.app)[0].at
    return found


def test_the_same_words_twice_are_a_finger_that_slipped(shop: Stage, pen: Pen):
    pen.text("Can I have an invoice?", by=BEN)
    replying.answer(shop.app, "r-1", "Here it is.")
    with pytest.raises(Misuse, match="these very words") as problem:
        replying.answer(shop.app, "r-1", "Here it is.")
    assert problem.value.code == "OUT-525"
    replying.answer(shop.app, "r-1", "And here is the other.")


def test_rule_35_who_stopped_us_since_is_not_answered(shop: Stage, pen: Pen):
    pen.text("Can I have an invoice?", by=BEN)
    opt_out.add(shop.app, "C-2", opt_out.Asked(opt_out.Scope.EVERYTHING, "asked", "staff", "phone", None, datetime.min))
    with pytest.raises(Misuse) as problem:
        replying.answer(shop.app, "r-1", "Here it is.")
    assert problem.value.code == "OUT-526"
    pen.text("Still, send me that invoice", by=BEN)
    replying.answer(shop.app, "r-1", "Here it is.")


@pytest.mark.parametrize(
    ("do", "code"),
    [
        (lambda app: replying.shown(app, "r-99"), "OUT-520"),
        (lambda app: replying.shown(app, "C-1"), "OUT-520"),
        (lambda app: replying.answer(app, "r-1", " \n "), "OUT-523"),
        (lambda app: replying.answer(app, "r-1", "Hello"), "OUT-524"),
        (lambda app: replying.close(app, "r-1", did="wrote", change=" "), "OUT-522"),
        (lambda app: replying.close(app, "r-1", did="", change="all"), "OUT-522"),
    ],
    ids=["unknown", "no name", "no words", "a stranger", "changes nothing", "did nothing"],
)
def test_what_cannot_be_done_is_refused_by_name(shop: Stage, pen: Pen, do: Any, code: str):
    pen.mail("Do you repair grinders?", by="new@example.net")
    with pytest.raises(Misuse) as problem:
        do(shop.app)
    assert problem.value.code == code


def test_closed_is_closed_and_everything_done_by_hand_is_written_down(shop: Stage, pen: Pen):
    pen.mail("Do you repair grinders?", by="new@example.net")
    replying.take(shop.app, "r-1")
    replying.close(shop.app, "r-1", did="yes, told them", change="say so on the site")
    for again in (lambda: replying.take(shop.app, "r-1"), lambda: replying.close(shop.app, "1", did="a", change="b")):
        with pytest.raises(Misuse) as problem:
            again()
        assert problem.value.code == "OUT-521"
    assert [row.action for row in rows(shop.app, sa.select(audits).order_by(audits.c.id))] == [
        "reply.take",
        "reply.close",
    ]
