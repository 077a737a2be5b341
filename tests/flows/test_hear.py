"""Does everything follow from what a person wrote, in its own words, and nothing else? (respect.md 9-15, 32, 33, 35)"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.keywords import Wish
from outreach.flows.app import App
from outreach.flows.envelopes import kept
from outreach.records.invented import ShopFiles
from outreach.render.links import reference
from outreach.store import epochs, revisions
from outreach.store.contacts import consent_events, suppression_events, suppressions
from outreach.store.engine import reading, writing
from outreach.store.inbox_schema import delivery_answers, forwards, inbox_events
from outreach.store.schema import outbox
from tests import builders
from tests.flows.stage import NIGHT, Stage, take_in
from tests.flows.writing_back import ANA, BEN, MAIL, Pen, hash_of, rows, said, talks

IN_WORDS = "Please take me off your list, I do not want these messages."


@pytest.fixture
def shop(bare: Stage) -> Stage:
    """Ana has a phone and an email; Ben only a phone; each got a parcel, and Dee none. Mail is heard."""
    config = bare.project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('address: ""', "address: hello@reply.alder.example"), encoding="utf-8")
    with writing(bare.app.engine) as c:
        ana = builders.customer(c, "C-1", MAIL, ANA, consent=("email", "text"))
        ben = builders.customer(c, "C-2", None, BEN, consent=("text",), first_name="Ben")
        builders.customer(c, "C-3", "dee@example.com", first_name="Dee", consent=("email",))
        for key, who in (("O-1", ana), ("O-2", ben)):
            days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
            builders.order(c, key, who, delivered_on=NIGHT.replace(day=7), lines=["beans"], **days)
    return bare


@pytest.fixture
def asked(shop: Stage) -> Stage:
    """They were asked how it arrived: Ana by email, Ben by text."""
    shop.night()
    shop.hand_over()
    assert {(m.key, m.channel, m.state) for m in shop.messages()} == {
        ("C-1", "email", "accepted"),
        ("C-2", "text", "accepted"),
    }
    return shop


@pytest.fixture
def pen(shop: Stage) -> Pen:
    return Pen(shop.app)


def wishes(app: App) -> dict[tuple[str, str], str]:
    """{(contact hash, channel): scope}."""
    return {(r.contact_hash, r.channel): r.scope for r in rows(app, sa.select(suppressions))}


def campaigns(app: App) -> list[str]:
    """What was queued in answer, in order."""
    query = sa.select(outbox.c.campaign).where(outbox.c.kind == "answer").order_by(outbox.c.id)
    return [row.campaign for row in rows(app, query)]


def forwarded(app: App) -> int:
    return len(rows(app, sa.select(forwards)))


def answers(app: App) -> list[tuple[str, str, str]]:
    a = delivery_answers.c
    query = sa.select(a.campaign, a.subject_key, a.answer).order_by(a.id)
    return [tuple(row) for row in rows(app, query)]


# --- wishes


def test_rule_9_a_word_stops_everything_at_every_address_and_nobody_is_told_twice(shop: Stage, pen: Pen):
    shop.night()
    heard = pen.text("STOP!", by=ANA)
    assert (heard.wish, heard.by_word, heard.withdrawn, heard.answered) == (Wish.STOP, True, 1, None)
    assert wishes(shop.app) == {(hash_of(ANA), "text"): "everything", (hash_of(MAIL), "email"): "everything"}
    assert [m.state for m in shop.messages() if m.key == "C-1"] == ["suppressed"]
    assert (campaigns(shop.app), forwarded(shop.app), talks(shop.app)) == ([], 0, [])


def test_rule_12_in_words_by_text_one_confirmation_once_ever(shop: Stage, pen: Pen):
    first = pen.text(IN_WORDS, by=BEN)
    (ready,) = rows(shop.app, sa.select(outbox))
    assert (ready.state, ready.not_after) == ("ready", ready.answers_at + timedelta(minutes=5))
    assert shop.hand_over().states["accepted"] == 1  # the wish itself does not forbid the answer to it (settled 22)
    again = pen.text(IN_WORDS, by=BEN)
    assert (first.by_word, first.answered is not None, again.answered) == (False, True, None)
    assert campaigns(shop.app) == ["stopped"]
    assert forwarded(shop.app) == 2  # in words: a person may read more into it


def test_rule_12_by_email_in_words_nothing_is_written_back(shop: Stage, pen: Pen):
    assert pen.mail(IN_WORDS).answered is None
    assert wishes(shop.app)[hash_of(MAIL), "email"] == "everything"
    assert (campaigns(shop.app), forwarded(shop.app)) == ([], 1)


def test_rule_11_what_the_provider_calls_a_stop_is_one(shop: Stage, pen: Pen):
    heard = pen.text("Arriverderci", by=BEN, asked_out=True)
    assert (heard.wish, heard.by_word) == (Wish.STOP, True)
    assert wishes(shop.app) == {(hash_of(BEN), "text"): "everything"}


def test_rule_14_a_strangers_stop_holds_for_a_customer_who_comes_later(shop: Stage, pen: Pen):
    stranger = "+447700900789"
    heard = pen.text("stop", by=stranger)
    assert heard.customer_id is None
    assert wishes(shop.app) == {(hash_of(stranger), "text"): "everything"}
    with writing(shop.app.engine) as c:
        late = builders.customer(c, "C-9", "new@example.com", stranger, consent=("text",))
        days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
        builders.order(c, "O-9", late, delivered_on=NIGHT.replace(day=7), lines=["beans"], **days)
    shop.night()
    assert "C-9" not in {m.key for m in shop.messages()}


def test_rule_15_a_mail_about_texts_stops_texts(shop: Stage, pen: Pen):
    pen.mail("Please no more text messages. Emails are fine.")
    assert set(wishes(shop.app).values()) == {"text"}
    shop.night()
    assert {(m.key, m.channel) for m in shop.messages()} == {("C-1", "email"), ("C-2", "text")}


def test_rule_15_the_shop_may_narrow_a_stop_by_text(shop: Stage):
    config = shop.project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    assert "stop_by_text: everything" in text
    config.write_text(text.replace("stop_by_text: everything", "stop_by_text: text"), encoding="utf-8")
    shop.close()
    Pen(shop.app).text("STOP")
    assert set(wishes(shop.app).values()) == {"text"}


def test_rule_15_of_a_shared_phone_only_the_phone_is_stopped(shop: Stage, pen: Pen):
    with writing(shop.app.engine) as c:
        builders.customer(c, "C-8", "kim@example.com", ANA, first_name="Kim")
    pen.text("STOP", by=ANA)
    assert set(wishes(shop.app)) == {(hash_of(ANA), "text")}
    shop.night()
    assert "C-1" not in {m.key for m in shop.messages()}  # asked of every address they ever had


def test_rule_13_start_lifts_for_texts_what_a_text_had_stopped(shop: Stage, pen: Pen):
    pen.text("STOP")
    assert pen.text("START").wish is Wish.START
    assert wishes(shop.app) == {(hash_of(MAIL), "email"): "email"}
    actions = [(r.action, r.scope) for r in rows(shop.app, sa.select(suppression_events).order_by("id"))]
    assert sorted(actions[:2]) == [("add", "everything")] * 2
    assert sorted(actions[2:]) == [("add", "email"), ("undo", "everything"), ("undo", "everything")]


@pytest.mark.parametrize("door", ["staff", "page", "header", "reply", "import"])
def test_rule_13_start_lifts_nothing_that_came_by_another_door(shop: Stage, pen: Pen, door: str):
    with writing(shop.app.engine) as c:
        builders.suppress(c, ANA, door=door)
        builders.suppress(c, MAIL, door="provider")  # a mail provider knows of no texts
    before = len(rows(shop.app, sa.select(consent_events)))
    pen.text("START")
    assert wishes(shop.app) == {(hash_of(ANA), "text"): "everything", (hash_of(MAIL), "email"): "everything"}
    assert len(rows(shop.app, sa.select(consent_events))) == before


def test_rule_13_a_bounced_number_and_no_offers_stay(shop: Stage, pen: Pen):
    with writing(shop.app.engine) as c:
        builders.suppress(c, ANA, scope="address", door="provider")
        builders.suppress(c, ANA, scope="offers", door="stop")
    pen.text("START")
    assert sorted(r.scope for r in rows(shop.app, sa.select(suppressions))) == ["address", "offers"]


def test_rule_12_help_is_the_carriers(shop: Stage, pen: Pen):
    heard = pen.text("HELP")
    assert (heard.wish, campaigns(shop.app), forwarded(shop.app), talks(shop.app)) == (Wish.HELP, [], 0, [])


def test_rule_10_what_may_be_a_wish_pauses_and_a_person_reads_it(shop: Stage, pen: Pen):
    shop.night()
    heard = pen.text("who is this?", by=BEN)
    assert (heard.wish, heard.withdrawn, heard.answered) == (Wish.UNSURE, 1, None)
    (talk,) = talks(shop.app)
    assert (talk.unsure, talk.label, wishes(shop.app), forwarded(shop.app)) == (True, "reply", {}, 1)


def test_rule_35_a_wish_keeps_time_channel_scope_door_and_words(shop: Stage, pen: Pen):
    pen.text(IN_WORDS, by=BEN)
    (row,) = rows(shop.app, sa.select(suppression_events))
    (came,) = rows(shop.app, sa.select(inbox_events))
    assert (row.contact_hash, row.channel, row.scope, row.door) == (hash_of(BEN), "text", "everything", "stop")
    assert (row.evidence, row.at, row.action) == (IN_WORDS, came.received_at, "add")


def test_rule_35_imported_again_they_are_still_left_alone(stage: Stage, shop_files: ShopFiles):
    with writing(stage.app.engine) as c:
        found = c.execute(sa.text("SELECT address FROM contact_point WHERE channel = 'text' LIMIT 1")).scalar_one()
    Pen(stage.app).text("STOP", by=found)
    take_in(stage.app, shop_files.paths)
    stage.night()
    assert hash_of(found) not in {m.contact_hash for m in stage.messages()}


# --- quoted words


def test_rule_32_our_own_quoted_footer_stops_nobody(asked: Stage, pen: Pen):
    heard = pen.mail(f"It is lovely, thank you.\n\n{quoted(asked)}", subject="Re: your order")
    assert (heard.wish, wishes(asked.app)) == (Wish.NOTHING, {})
    assert answers(asked.app) == [("delivery_check", "O-1", "fine")]


def test_rule_32_an_answer_that_holds_nothing_but_our_words_stops_nobody(asked: Stage, pen: Pen):
    heard = pen.mail(quoted(asked), subject="Re: your order")
    assert (heard.wish is Wish.STOP, wishes(asked.app)) == (False, {})


def test_rule_32_and_unsubscribe_above_the_quote_does(asked: Stage, pen: Pen):
    assert pen.mail(f"unsubscribe\n\n{quoted(asked)}", subject="Re: your order").wish is Wish.STOP


def test_a_new_mail_may_say_it_in_its_subject(shop: Stage, pen: Pen):
    assert pen.mail("Ana Reed", subject="Unsubscribe").wish is Wish.STOP


def quoted(stage: Stage) -> str:
    """Ana's message as mail programs quote it."""
    (message,) = [m for m in stage.messages() if m.key == "C-1"]
    with reading(stage.app.engine) as c:
        said = kept(*revisions.stored(c, [message.id])[message.id])
    assert said is not None
    assert "stop" in str(said.text).lower()
    lines = "\n".join(f"> {line}" for line in str(said.text).splitlines())
    return f"On Mon, 16 Nov 2026 at 09:00, Mara <hello@alder.example> wrote:\n{lines}"


# --- answers to what we asked


@pytest.mark.parametrize(
    ("words", "answer"), [("1", "fine"), ("Yes!", "fine"), ("all good, thank you", "fine"), ("👍 1", "fine")]
)
def test_all_well_is_kept_and_troubles_nobody(asked: Stage, pen: Pen, words: str, answer: str):
    heard = pen.text(words, by=BEN)
    assert answers(asked.app) == [("delivery_check", "O-2", answer)]
    assert (heard.conversation_id, campaigns(asked.app), forwarded(asked.app)) == (None, [], 0)


@pytest.mark.parametrize(
    ("words", "answer", "confirmed"),
    [
        ("2", "late", "reply_received"),
        ("3", "wrong", "damage_received"),
        ("4", "missing", "damage_received"),
        ("It came broken", "wrong", "damage_received"),
        ("Still not here", "missing", "damage_received"),
    ],
)
def test_trouble_opens_a_complaint_and_says_by_when(asked: Stage, pen: Pen, words: str, answer: str, confirmed: str):
    heard = pen.text(words, by=BEN)
    assert answers(asked.app) == [("delivery_check", "O-2", answer)]
    (talk,) = talks(asked.app)
    assert (talk.id, talk.label, talk.answer, talk.channel) == (heard.conversation_id, "complaint", answer, "text")
    assert (campaigns(asked.app), forwarded(asked.app)) == ([confirmed], 1)
    (told,) = rows(asked.app, sa.select(outbox.c.facts).where(outbox.c.kind == "answer"))
    assert told.facts["promise"]["answer_by"] == talk.answer_by.isoformat()


def test_the_newest_answer_counts_and_all_are_kept(asked: Stage, pen: Pen):
    pen.text("1", by=BEN)
    pen.text("3, the lid is cracked", by=BEN)
    assert [a[2] for a in answers(asked.app)] == ["fine", "wrong"]


def test_all_well_with_a_question_is_for_a_person(asked: Stage, pen: Pen):
    assert pen.text("1 but when do the filters come?", by=BEN).conversation_id is not None
    assert answers(asked.app) == [("delivery_check", "O-2", "fine")]
    assert [talk.label for talk in talks(asked.app)] == ["reply"]


def test_a_suggestion_has_its_own_label(asked: Stage, pen: Pen):
    pen.text("All good. You should put a string on the bag.", by=BEN)
    assert [line.labels for line in said(asked.app)] == [["suggestion"]]


def test_a_bare_number_to_which_nothing_was_asked_is_for_a_person(shop: Stage, pen: Pen):
    heard = pen.text("2", by=BEN)
    assert (answers(shop.app), heard.said, heard.conversation_id is not None) == ([], None, True)
    assert (talks(shop.app)[0].label, campaigns(shop.app)) == ("reply", ["reply_received"])


def test_yes_to_a_question_that_means_trouble_is_no_all_well(asked: Stage, pen: Pen):
    """ "Still a problem? Reply" is answered by the same words as "did it arrive?"."""
    asked.change(sa.update(outbox).values(campaign="we_were_late"))
    assert pen.text("yes", by=BEN).conversation_id is not None
    assert pen.text("2", by=BEN).said is None
    assert answers(asked.app) == []
    pen.text("yes, the lid is broken", by=BEN)
    assert answers(asked.app) == [("we_were_late", "O-2", "wrong")]


def test_after_thirty_days_a_number_answers_nothing(asked: Stage, pen: Pen):
    (row,) = [m for m in asked.messages() if m.key == "C-2"]
    asked.change(sa.update(outbox).values(created_at=row.created_at.replace(year=2020)))
    assert pen.text("1", by=BEN).said is None


def test_a_wish_is_no_reason_to_overlook_what_went_wrong(asked: Stage, pen: Pen):
    heard = pen.text("It came broken. Stop texting me.", by=BEN)
    assert (heard.wish, answers(asked.app)) == (Wish.STOP, [("delivery_check", "O-2", "wrong")])
    (talk,) = talks(asked.app)
    assert (talk.label, talk.answer_by, campaigns(asked.app)) == ("complaint", None, ["stopped"])


def test_no_thanks_is_no_all_well(asked: Stage, pen: Pen):
    assert pen.text("No thanks", by=BEN).wish is Wish.UNSURE
    assert (answers(asked.app), talks(asked.app)[0].answer) == ([], None)


def test_people_write_all_day_and_are_told_once(asked: Stage, pen: Pen):
    for words in ("Can I have an invoice?", "Hello?", "I need that invoice"):
        pen.text(words, by=BEN)
    assert campaigns(asked.app) == ["reply_received"]
    assert (len(talks(asked.app)), len(said(asked.app)), forwarded(asked.app)) == (1, 3, 3)


# --- who wrote


def test_a_strangers_words_are_kept_and_forwarded(shop: Stage, pen: Pen):
    heard = pen.mail("Do you repair old grinders?", by="nobody@example.net")
    (talk,) = talks(shop.app)
    assert (heard.customer_id, talk.customer_id, talk.contact_hash) == (None, None, hash_of("nobody@example.net"))
    assert (forwarded(shop.app), campaigns(shop.app)) == (1, [])


def reply_address(stage: Stage, key: str = "C-1") -> str:
    """Where an answer to this customer's message goes."""
    (m,) = [m for m in stage.messages() if m.key == key]
    found = stage.app.links.reply_address(m.contact_point_id, reference(m.campaign, m.subject_key))
    assert found is not None
    return found


def test_a_token_from_their_own_address_finds_its_thread(asked: Stage, pen: Pen):
    (message,) = [m for m in asked.messages() if m.key == "C-1"]
    heard = pen.mail("3, the lid is cracked", to=reply_address(asked), subject="Re: your order")
    assert talks(asked.app)[0].outbox_id == message.id
    assert (heard.customer_id, answers(asked.app)) == (message.customer_id, [("delivery_check", "O-1", "wrong")])


def test_rule_33_a_token_in_other_hands_opens_no_thread(asked: Stage, pen: Pen):
    heard = pen.mail("3, the lid is cracked", by="friend@example.net", to=reply_address(asked))
    (talk,) = talks(asked.app)
    assert (heard.customer_id, talk.customer_id, answers(asked.app)) == (None, None, [])


def test_rule_33_but_what_it_asks_us_to_stop_is_heard_of_both(asked: Stage, pen: Pen):
    pen.mail(IN_WORDS, by="other-mailbox@example.net", to=reply_address(asked))
    stopped = {address for address, _ in wishes(asked.app)}
    assert stopped == {hash_of("other-mailbox@example.net"), hash_of(MAIL), hash_of(ANA)}


def test_rule_33_a_forged_token_gives_nothing_and_its_wish_holds_for_the_sender(asked: Stage, pen: Pen):
    address = reply_address(asked)
    forged = address.replace("@", "x@").replace("+", "+z", 1)
    pen.mail(IN_WORDS, by="dee@example.com", to=forged)
    assert {address for address, _ in wishes(asked.app)} == {hash_of("dee@example.com")}


def test_rule_33_a_message_id_of_somebody_elses_mail_opens_no_thread(asked: Stage, pen: Pen):
    (message,) = [m for m in asked.messages() if m.key == "C-1"]
    with writing(asked.app.engine) as c:
        name = f"<{epochs.name_it(c)}-{message.id}-1@alder.example>"
    pen.mail("3, it is cracked", by="dee@example.com", thread=[name])
    assert (talks(asked.app)[0].outbox_id, answers(asked.app)) == (None, [])
    pen.mail("3, it is cracked", thread=[name])
    assert talks(asked.app)[1].outbox_id == message.id


def test_nothing_a_person_wrote_is_printed_by_a_log_or_an_error(asked: Stage, pen: Pen, caplog: Any):
    pen.text("My secret is 4711 and it came broken", by=BEN)
    assert "4711" not in caplog.text
