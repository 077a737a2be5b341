"""Is somebody who wrote to us answered once, in their thread, by the words we ship, and by nobody's opt-out's leave?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.terms import BY_HAND, Campaign, Channel, Mode, Scope
from outreach.flows.answer_words import AnswerWords
from outreach.flows.answering import STOPPED_WITHIN, Answer, Said, Unsaid, answer
from outreach.flows.app import App, shop_day
from outreach.flows.wish_taken import take
from outreach.render.catalogue import Catalogue
from outreach.render.content import Content
from outreach.store import contacts, revisions, runs, schema
from outreach.store.engine import now, reading, writing
from outreach.store.wishes import Asked
from tests import builders as b
from tests.flows import outgoing as o
from tests.flows.stage import Stage

MOBILE = "+447700900123"
PROMISE = {"promise": {"answer_by": "2026-11-19T17:00:00+00:00", "answer_on": "2026-11-19"}}
WORDS = {"words": "Hello Ana,\n\nthe lid comes on Thursday.", "signed": "Tom"}
THREAD = ("<a@us.example>", "<b@theirs.example>")


@pytest.fixture
def app(bare: Stage) -> App:
    with writing(bare.app.engine) as c:
        b.customer(c, phone=MOBILE, consent=("email", "text"))
        b.customer(c, "C-2", email="ana@example.com", phone=MOBILE, first_name="Bo")
    return bare.app


def point(app: App, channel: Channel, key: str = "C-1") -> int:
    p = contacts.contact_points.c
    who = sa.select(b.shop.customers.c.id).where(b.shop.customers.c.key == key).scalar_subquery()
    with reading(app.engine) as c:
        return int(c.execute(sa.select(p.id).where(p.customer_id == who, p.channel == channel.value)).scalar_one())


def say(app: App, campaign: str, channel: Channel = Channel.EMAIL, key: str = "in-1", **more: Any) -> Said:
    """One answer, in a transaction of its own, to something that came in just now."""
    whose = more.pop("whose", "C-1")
    to = point(app, channel, whose)
    with writing(app.engine) as c:
        return answer(app, c, replace(Answer(campaign, to, channel, key, now(c)), **more))


def row(app: App, said: Said) -> Any:
    assert said.outbox_id is not None, (said.because, said.problem)
    return o.message(app.engine, said.outbox_id)


def content(app: App, said: Said) -> Content:
    assert said.outbox_id is not None, (said.because, said.problem)
    with reading(app.engine) as c:
        body, skeleton = revisions.stored(c, [said.outbox_id])[said.outbox_id]
    assert body is not None
    return Content.unpack(body, skeleton)


def count(app: App, table: sa.Table) -> int:
    with reading(app.engine) as c:
        return c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_an_answer_is_ready_at_once_whatever_the_hour(app: App) -> None:
    said = say(app, "reply_received", facts=PROMISE)
    found = row(app, said)
    assert (found.state, found.kind, found.legal, found.subject_key) == ("ready", "answer", "service", "in-1")
    assert found.not_before == found.created_at >= found.answers_at
    assert found.not_after == found.not_before + timedelta(days=1)
    assert found.night == shop_day(app, found.not_before)
    assert "A person reads it and answers you by" in content(app, said).text


def test_its_run_is_no_night(app: App) -> None:
    """Neither the first, nor the newest, nor one that medians are made of."""
    live = replace(app, house=replace(app.house, mode=Mode.LIVE))
    first, second = say(live, "reply_received", facts=PROMISE), say(live, BY_HAND, facts=WORDS)
    assert row(live, first).run_id == row(live, second).run_id
    with reading(app.engine) as c:
        made = c.execute(sa.select(schema.runs)).one()
        assert (made.job, made.mode, made.business_date) == ("answers", "live", row(live, first).night)
        assert runs.latest(c, mode=Mode.LIVE) is None
        assert runs.first_live_night(c) is None
        assert runs.usual(c, before=date(2100, 1, 1)) == []
        assert runs.broken_off(c, before=date(2100, 1, 1), mode=Mode.LIVE) == []


def test_rule_28_the_same_message_is_answered_once(app: App) -> None:
    first, again = say(app, BY_HAND, facts=WORDS), say(app, BY_HAND, facts=WORDS)
    assert first.outbox_id is not None
    assert again == Said(None, Unsaid.SAID)
    assert say(app, BY_HAND, facts=WORDS, key="in-2").outbox_id is not None
    assert count(app, schema.outbox) == count(app, schema.contents) == 2


def test_one_confirmation_a_day_and_address_whoever_writes_in_its_name(app: App) -> None:
    """Security 6. Families share an address; a person's own words are not counted."""
    assert say(app, "reply_received", facts=PROMISE).outbox_id is not None
    assert say(app, "damage_received", facts=PROMISE, key="in-2") == Said(None, Unsaid.ENOUGH)
    assert say(app, "reply_received", facts=PROMISE, key="in-3", whose="C-2") == Said(None, Unsaid.ENOUGH)
    assert say(app, "reply_received", Channel.TEXT, "in-4", facts=PROMISE).outbox_id is not None
    assert say(app, BY_HAND, facts=WORDS, key="in-5").outbox_id is not None
    assert count(app, schema.outbox) == count(app, schema.contents) == 3


def test_the_next_day_begins_anew(app: App) -> None:
    assert say(app, "reply_received", facts=PROMISE).outbox_id is not None
    with writing(app.engine) as c:
        c.execute(sa.update(schema.contact_ledger).values(slot="outbox|2026-01-01"))
    assert say(app, "reply_received", facts=PROMISE, key="in-2").outbox_id is not None


def test_rule_12_stopped_is_said_once_ever_per_address(app: App) -> None:
    said = say(app, "stopped", Channel.TEXT, facts={"scope": "everything"})
    found = row(app, said)
    assert found.not_after == found.answers_at + STOPPED_WITHIN
    assert content(app, said).text.count("we have stopped") == 1
    o.change(app.engine, [found.id], state="accepted", night=date(2020, 1, 1))
    again = say(app, "stopped", Channel.TEXT, "in-77", facts={"scope": "text"}, whose="C-2")
    assert again == Said(None, Unsaid.SAID)


@pytest.mark.parametrize("scope", ["everything", "text", "email", "offers"])
def test_rule_12_what_stopped_is_what_was_asked(app: App, scope: str) -> None:
    text = content(app, say(app, "stopped", Channel.TEXT, facts={"scope": scope})).text
    named = {"everything": "not write to you again", "text": "no more texts", "email": "no more emails"}
    assert named.get(scope, "no more offers") in text
    assert not any(words in text for other, words in named.items() if other != scope)


def test_the_lost_link_is_sent_once_a_day_beside_other_answers(app: App) -> None:
    say(app, "reply_received", facts=PROMISE)
    said = say(app, "lost_link", key="page-1")
    assert f"{app.links.base_url}/p/" in content(app, said).text
    assert say(app, "lost_link", key="page-2") == Said(None, Unsaid.SAID)


def test_an_answer_speaks_the_language_it_was_asked_in(app: App) -> None:
    said = say(app, "stopped", Channel.TEXT, facts={"scope": "text"}, language="pt-BR")
    assert "como pediu, paramos" in content(app, said).text
    assert row(app, said).language == "pt-BR"


def test_rule_34_a_machines_answer_says_so_and_keeps_both_ways_out(app: App) -> None:
    """RFC 3834: auto-replied, in the thread of what it answers."""
    said = say(app, "reply_received", facts=PROMISE, thread=THREAD, subject="Re: The lid")
    made = content(app, said)
    headers = dict(made.headers)
    assert headers["Auto-Submitted"] == "auto-replied"
    assert headers["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert (headers["In-Reply-To"], headers["References"]) == (THREAD[1], " ".join(THREAD))
    assert headers["List-Unsubscribe"].startswith(f"<{app.links.base_url}/u/")
    assert made.subject == "Re: The lid"


def test_a_persons_answer_is_a_letter(app: App) -> None:
    """Nothing of a machine's in its headers; the thread's subject whatever it says; signed by whoever wrote it."""
    said = say(app, BY_HAND, facts=WORDS, thread=THREAD, subject="Look at www.alder.example")
    made = content(app, said)
    assert {name for name, _ in made.headers} == {"From", "Reply-To", "In-Reply-To", "References"}
    assert dict(made.headers)["From"] == "Tom at Alder"
    assert made.subject == "Re: Look at www.alder.example"
    assert made.text.startswith("Hello Ana,\n\nthe lid comes on Thursday.\n\nTom, for Alder")
    assert made.html is not None
    assert made.html.count("<p") >= 3
    assert f"{app.links.base_url}/p/" in made.text, "the way out stands in every body"


def test_a_persons_words_are_printed_and_never_read(app: App) -> None:
    """No Markdown, no markup, no template."""
    words = "# Big\n\n<b>bold</b> & *stars* [here](https://evil.example) {{ shop.name }} {% if x %}"
    made = content(app, say(app, BY_HAND, facts={"words": words, "signed": None}))
    assert "<h1" not in (made.html or "")
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; *stars* [here](https://evil.example)" in (made.html or "")
    assert 'href="https://evil' not in (made.html or "")


def test_without_a_thread_the_words_bring_their_own_subject(app: App) -> None:
    made = content(app, say(app, BY_HAND, facts=WORDS, subject="The lid"))
    assert made.subject == "Your message to Alder"
    assert "In-Reply-To" not in dict(made.headers)


def test_a_text_has_no_headers(app: App) -> None:
    made = content(app, say(app, BY_HAND, Channel.TEXT, facts=WORDS, thread=THREAD, subject="x"))
    assert made.headers == ()
    assert made.text.startswith("Alder: Hello Ana, the lid comes on Thursday. (Tom)")


def refusing(app: App, problem: Callable[[Campaign], Campaign]) -> App:
    return replace(app, campaigns={name: problem(each) for name, each in app.campaigns.items()})


def test_why_nothing_is_said_is_a_value(app: App, bare: Stage) -> None:
    assert say(refusing(app, lambda each: replace(each, on=False)), "reply_received").because is Unsaid.OFF
    assert say(app, "no_such_campaign").because is Unsaid.OFF
    assert say(app, "stopped", Channel.EMAIL).because is Unsaid.OFF, "texts only"
    bare.change(sa.update(contacts.contact_points).values(current=False))
    assert say(app, "reply_received", facts=PROMISE).because is Unsaid.NO_ADDRESS


def test_words_that_fail_undo_nothing(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """A fact that is missing, a template that is not there: the wish in the same transaction stands."""
    to, hash_ = point(app, Channel.TEXT), address_hash(b.PEPPER, Channel.TEXT, MOBILE)
    nothing = replace(app, answer_words=AnswerWords(lambda _: Catalogue({}, {}, {}, (), "en")))
    with writing(app.engine, durable=True) as c:
        at = now(c)
        asked = Asked(Scope.EVERYTHING, "asked", "stop", "stop it", None, at)
        take(app, c, [(Channel.TEXT, hash_)], asked)
        for each, code in ((app, "OUT-117"), (nothing, "OUT-110")):
            said = answer(each, c, Answer("reply_received", to, Channel.TEXT, "in-1", at))
            assert said.because is Unsaid.NOT_WRITTEN
            assert said.problem is not None
            assert said.problem.code == code
    assert count(app, contacts.suppressions) == 1
    assert count(app, schema.outbox) == 0
    assert "OUT-110" in caplog.text
    assert MOBILE not in caplog.text


def test_an_answer_is_handed_over_like_any_message(app: App, bare: Stage) -> None:
    said = say(app, "reply_received", facts=PROMISE, thread=THREAD, subject="The lid")
    assert bare.hand_over().accepted == 1
    [file] = (app.project / ".outreach" / "outbox").glob(f"*/m-{said.outbox_id}.eml")
    assert f"In-Reply-To: {THREAD[1]}" in file.read_text(encoding="utf-8")


def test_rule_18_a_reply_comes_back_to_us(app: App) -> None:
    """House.replies.address: a token of this message; without one, whoever signs."""
    assert dict(content(app, say(app, BY_HAND, facts=WORDS)).headers)["Reply-To"].endswith(
        f"<{app.house.shop.signer.email}>"
    )
    links = type(app.links)(b.SECRETS.token_keys, app.links.base_url, mailbox="x@y.example", replies="hello@r.example")
    found = content(replace(app, links=links), say(replace(app, links=links), BY_HAND, facts=WORDS, key="in-2"))
    address = dict(found.headers)["Reply-To"].rpartition("<")[2].removesuffix(">")
    read = links.read_reply(address.partition("@")[0])
    assert read is not None
    assert read[0] == point(app, Channel.EMAIL)
    assert dict(found.headers)["Reply-To"].startswith("Tom at Alder <")


def test_the_hour_is_the_databases(app: App) -> None:
    """What it answers may be long ago: a person took his time."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    found = row(app, say(app, BY_HAND, facts=WORDS, answers_at=long_ago))
    assert found.answers_at == long_ago
    assert found.not_after > found.not_before > long_ago


@pytest.mark.parametrize("again", [False, True])
def test_rule_12_the_confirmation_leaves_though_everything_is_closed(app: App, again: bool) -> None:
    """The wish and its answer bear one instant; said once more before it left, they are still told once."""
    vendor = o.Vendor()
    live = o.going(app, vendor)
    to, hashes = point(app, Channel.TEXT), [(Channel.TEXT, address_hash(b.PEPPER, Channel.TEXT, MOBILE))]
    with writing(app.engine, durable=True) as c:
        at = now(c)
        assert take(live, c, hashes, Asked(Scope.EVERYTHING, "asked", "stop", "leave me alone", None, at)).new == 1
        what = Answer("stopped", to, Channel.TEXT, "in-1", at, {"scope": "everything"})
        assert answer(live, c, what).outbox_id is not None
    if again:
        with writing(app.engine, durable=True) as c:
            taken = take(live, c, hashes, Asked(Scope.EVERYTHING, "asked", "page", None, None, now(c)))
        assert (taken.new, taken.withdrawn) == (0, 0)
    o.send(live)
    assert [str(envelope.text).partition(".")[0] for envelope in vendor.journal] == [
        "Alder: as you asked, we have stopped"
    ]


@pytest.mark.parametrize(("keys", "why"), [(("in-1", "in-1"), Unsaid.SAID), (("in-1", "in-2"), Unsaid.ENOUGH)])
def test_two_at_once_say_it_once(app: App, keys: tuple[str, str], why: Unsaid) -> None:
    """The first two answers of a day, whose run is made by both: unique keys decide, and nothing is left half."""
    to, both = point(app, Channel.EMAIL), Barrier(2)
    app.catalogue.choose("reply_received", Channel.EMAIL, language="en", customer_id=1)

    def one(key: str) -> Said:
        both.wait()
        with writing(app.engine) as c:
            return answer(app, c, Answer("reply_received", to, Channel.EMAIL, key, now(c), PROMISE))

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(one, keys))
    assert sorted((each.because for each in said), key=str) == sorted([None, why], key=str)
    assert count(app, schema.outbox) == count(app, schema.contents) == count(app, schema.runs) == 1


def test_what_is_published_reaches_a_program_that_runs_for_weeks(
    sqlite_stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Words of answers are read anew when asked to; a file that was saved half silences nobody."""
    ready, templates = sqlite_stage.rebuilt().answer_words, sqlite_stage.project / "templates"
    path, layout = templates / "reply_received" / "email.en.j2", templates / "_layouts" / "words.yaml"

    def words() -> str:
        choice = ready.of("reply_received").choose("reply_received", Channel.EMAIL, language="en", customer_id=1)
        assert choice.template is not None
        return choice.template.source

    first = words()
    path.write_text(first + "\nWe look forward to it.\n", encoding="utf-8")
    assert words() == first
    ready.refresh()
    assert words() == (second := first + "\nWe look forward to it.\n")
    path.write_text(first + "\n{{ customer.", encoding="utf-8")
    ready.refresh()
    assert words() == second
    assert "outreach lint reply_received" in caplog.text
    path.write_text(first, encoding="utf-8")
    layout.write_text("en: [", encoding="utf-8")
    ready.refresh()
    assert words() == second
    assert "OUT-" in caplog.text
