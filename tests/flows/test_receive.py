"""What follows from what providers tell of our messages, in any order and however often they tell it?"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.core.errors import Busy
from outreach.core.inbound import Because, Event, Told
from outreach.core.lifecycle import Fault
from outreach.core.shop import Wishes
from outreach.core.terms import Channel, Scope
from outreach.flows.app import App
from outreach.flows.receive import receive
from outreach.providers.sendgrid_events import events
from outreach.store import breakers, epochs, levers, provider_states
from outreach.store.contacts import suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.inbox import unpacked
from tests.fake.posting import event
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage


@pytest.fixture
def app(bare: Stage) -> App:
    return o.going(bare.app, Vendor())


def status(word: str, message: tuple[int, str], told: Told, **more: Any) -> Event:
    return Event("twilio", f"SM{message[0]}:{word}", told, Channel.TEXT, b"x", message[1], f"SM{message[0]}", **more)


# --- once, and whatever comes


def test_rule_21_one_bad_event_does_not_lose_the_others(app: App):
    ((i, reference),) = a.sent(app)
    body = json.dumps(
        [17, {"event": "?" * 900, "email": 3}, event("delivered", o.email(i), reference), {"a": "\ud800\0"}]
    )
    assert receive(app, events(body.encode())).new == 4
    assert a.fates(app)[i] == ("accepted", "delivered")
    rows = a.inbox(app)
    assert [row.problem for row in rows if row.problem] == ["it is no object", "it names no event"]
    assert {row.kind for row in rows} == {"other", "delivered"}
    assert json.loads(unpacked(rows[-1].raw)) is not None


def test_rule_21_unknown_types_and_fields_are_kept(app: App):
    assert a.told(app, event("account_status_change", "", type="compliance_suspend", brand_new={"x": [1]})) == 1
    (row,) = a.inbox(app)
    assert (row.kind, row.problem) == ("other", None)
    assert json.loads(unpacked(row.raw))["brand_new"] == {"x": [1]}


def test_rule_21_the_same_batch_again_changes_nothing(app: App):
    messages = a.sent(app, 3)
    said = [event("bounce", o.email(i), reference, type="bounce") for i, reference in messages]
    assert a.told(app, *said) == 3
    before, ledger = a.end_state(app), a.ledger(app)
    assert a.told(app, *said) == 0
    assert a.told(app, *reversed(said)) == 0
    assert (a.end_state(app), a.ledger(app)) == (before, ledger)


def test_rule_21_without_an_id_the_same_words_are_the_same_event(app: App):
    said = event("unsubscribe", "x@example.com")
    del said["sg_event_id"]
    assert a.told(app, said, dict(reversed(said.items()))) == 1
    assert a.told(app, {**said, "timestamp": said["timestamp"] + 1}) == 1


_KINDS = st.sampled_from(
    [
        {"event": "processed"},
        {"event": "deferred", "response": "400 later"},
        {"event": "delivered", "response": "250 OK"},
        {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 nobody"},
        {"event": "bounce", "type": "blocked", "reason": "554 no"},
        {"event": "dropped", "reason": "Unsubscribed Address"},
        {"event": "dropped", "reason": "Bounced Address"},
        {"event": "spamreport"},
        {"event": "unsubscribe"},
        {"event": "group_resubscribe"},
        {"event": "open"},
    ]
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.tuples(_KINDS, st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
    cuts=st.sets(st.integers(1, 11), max_size=3),
)
def test_rule_21_any_order_and_any_split_ends_alike(app: App, kinds: list[Any], order: Any, cuts: set[int]):
    """Hypothesis plays the provider: the same events whole, and then shuffled, doubled and cut into posts."""
    messages = _untold(app)
    whole = [
        {
            **event("", o.email(messages[n][0]), messages[n][1]),
            **kind,
            "sg_event_id": f"e{i}",
            "timestamp": 1_790_000_000 + at,
        }
        for i, (kind, n, at) in enumerate(kinds)
    ]
    a.told(app, *whole)
    before = a.end_state(app)
    _untold(app)
    posts = whole + whole[:3]
    order.shuffle(posts)
    for start, end in pairwise([0, *sorted(cut for cut in cuts if cut < len(posts)), len(posts)]):
        a.told(app, *posts[start:end])
    assert a.end_state(app) == before


def _untold(app: App) -> list[tuple[int, str]]:
    """Three messages that nothing was told of yet."""
    known = list(a.fates(app))
    with writing(app.engine) as c:
        for name in ("inbox_event", "suppression", "suppression_event"):
            c.execute(sa.text(f"DELETE FROM {name}"))
        instance = epochs.name_it(c)
    if not known:
        return a.sent(app, 3)
    o.change(
        app.engine, known, state="accepted", fate=None, fate_rank=None, fate_at=None, last_error=None, because=None
    )
    return [(i, f"{instance}-{i}-1") for i in known]


# --- what becomes of a message


@pytest.mark.parametrize("order", [1, -1])
def test_rule_21_of_one_fate_the_newest_moment_stands(app: App, order: int):
    """Told twice, in two posts: the end does not hang on which came first."""
    ((i, reference),) = a.sent(app)
    for said in [event("deferred", o.email(i), reference, timestamp=1_790_000_000 + at) for at in (3, 5)][::order]:
        a.told(app, said)
    assert o.message(app.engine, i).fate_at.timestamp() == 1_790_000_005


def test_rule_22_late_delivered_does_not_lift_a_bounce(app: App):
    ((i, reference),) = a.sent(app)
    a.told(app, event("bounce", o.email(i), reference, type="bounce"))
    a.told(app, event("delivered", o.email(i), reference))
    assert a.fates(app)[i] == ("accepted", "bounced")


def test_rule_25_rank_is_monotonic_and_terminal_stays_terminal(app: App):
    first, second = a.sent(app, 2)
    for word, told in (("sent", Told.TAKEN), ("delivered", Told.DELIVERED), ("queued", Told.TAKEN)):
        assert a.heard(app, status(word, first, told)) == 1
    assert a.fates(app)[first[0]] == ("accepted", "delivered")
    a.heard(app, status("undelivered", first, Told.BLOCKED))
    assert a.fates(app)[first[0]] == ("accepted", "delivered")
    a.heard(app, status("undelivered", second, Told.BLOCKED), status("delivered", second, Told.DELIVERED))
    assert a.fates(app)[second[0]] == ("accepted", "blocked")
    assert a.heard(app, status("queued", first, Told.TAKEN)) == 0


@pytest.mark.parametrize("state", ["handed", "in_doubt", "unknown", "ready"])
def test_rule_25_news_of_a_message_in_doubt_says_that_it_was_accepted(app: App, state: str):
    """The webhook may come before the answer is recorded, and after a day of doubt."""
    ((i, reference),) = a.sent(app, state=state)
    a.told(app, event("processed", o.email(i), reference), event("delivered", o.email(i), reference))
    row = o.message(app.engine, i)
    assert (row.state, row.fate, row.doubt_since, row.lease_until) == ("accepted", "delivered", None, None)
    assert row.provider_message_id.startswith("m0")
    with reading(app.engine) as c:
        assert c.execute(sa.text("SELECT outcome FROM attempt")).scalar_one() == "accepted"


@pytest.mark.parametrize("state", ["suppressed", "cancelled", "expired", "rejected", "planned", "claimed"])
def test_news_moves_no_message_that_was_never_handed_over(app: App, state: str):
    ((i, reference),) = a.sent(app, state=state)
    a.told(app, event("delivered", o.email(i), reference))
    assert a.fates(app)[i] == (state, None)


def test_news_of_an_earlier_attempt_is_not_news_of_this_one(app: App):
    ((i, reference),) = a.sent(app)
    o.change(app.engine, [i], attempt=2, state="handed")
    a.told(app, event("bounce", o.email(i), reference, type="bounce"))
    assert a.fates(app)[i] == ("handed", None)
    assert {row[2] for row in a.closed(app)} == {"address"}  # of the address it says the same


def test_an_id_that_another_message_has_is_not_taken_twice(app: App):
    first, second = a.sent(app, 2, state="in_doubt")
    said = [event("processed", o.email(i), reference, sg_message_id="same.filter1") for i, reference in (first, second)]
    a.told(app, said[0])
    assert a.told(app, said[1]) == 1
    assert [a.fates(app)[i][0] for i, _ in (first, second)] == ["accepted", "accepted"]


@pytest.mark.parametrize("reference", ["t-7", "bbbbbbbbbbbb-1-1"])
def test_tests_and_other_installations_are_kept_and_nothing_follows(app: App, reference: str):
    ((i, _),) = a.sent(app)
    assert a.told(app, event("spamreport", o.email(i), reference)) == 1
    assert a.closed(app) == set()
    assert a.inbox(app)[0].outbox_id is None


def test_after_a_restore_a_wish_counts_though_its_message_is_forgotten(app: App):
    """Sent after the backup was made: its number is another message's by now."""
    ((i, reference),) = a.sent(app)
    with writing(app.engine) as c:
        epochs.begin_anew(c, handed_until=None, mode="live", at=now(c))
    ((later, _),) = a.sent(app)
    forgotten = f"{reference.partition('-')[0]}-{later}-1"
    a.told(app, event("spamreport", "later@example.com", forgotten), event("delivered", o.email(i), reference))
    assert a.fates(app) == {i: ("accepted", "delivered"), later: ("accepted", None)}
    assert {(scope, reason) for _, _, scope, reason in a.closed(app)} == {("everything", "complained")}


# --- what follows for the address


@pytest.mark.parametrize(
    ("said", "follows"),
    [
        ({"event": "bounce", "type": "bounce"}, ("address", "bounced")),
        ({"event": "dropped", "reason": "Bounced Address"}, ("address", "bounced")),
        ({"event": "spamreport"}, ("everything", "complained")),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, ("everything", "complained")),
        ({"event": "unsubscribe"}, ("everything", "asked")),
        ({"event": "group_unsubscribe"}, ("everything", "asked")),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, ("everything", "asked")),
        ({"event": "bounce", "type": "blocked"}, None),
        ({"event": "deferred"}, None),
        ({"event": "dropped", "reason": "Spam Content"}, None),
        ({"event": "delivered"}, None),
        ({"event": "open"}, None),
    ],
    ids=lambda value: str(value),
)
def test_rule_22_which_events_suppress(app: App, said: dict[str, str], follows: tuple[str, str] | None):
    """With a waiting message to the same person, which does not leave any more."""
    ((i, reference),) = a.sent(app)
    ((waiting, _),) = a.sent(app, state="ready", contact_hash=o.hash_of(i))
    a.told(app, {**event("", o.email(i).upper(), reference), **said})
    expected = {(o.hash_of(i), "email", *follows)} if follows else set()
    assert a.closed(app) == expected
    assert a.fates(app)[waiting][0] == ("suppressed" if follows else "ready")


def test_rule_22_a_resubscribe_lifts_nothing(app: App):
    ((i, reference),) = a.sent(app)
    a.told(app, event("unsubscribe", o.email(i), reference))
    a.told(app, event("group_resubscribe", o.email(i), reference))
    assert {scope for _, _, scope, _ in a.closed(app)} == {"everything"}
    assert [row.action for row in a.ledger(app)] == ["add"]


def test_rule_22_an_address_nobody_here_knows_is_closed_too(app: App):
    a.told(app, event("unsubscribe", "Stranger@Example.COM"))
    assert a.closed(app) == {
        (o.address_hash(o.PEPPER, Channel.EMAIL, "stranger@example.com"), "email", "everything", "asked")
    }


def test_rule_35_each_of_a_batch_keeps_its_own_evidence(app: App):
    messages = a.sent(app, 5)
    a.told(
        app, *(event("bounce", o.email(i), r, type="bounce", status="5.1.1", reason="550 nobody") for i, r in messages)
    )
    kept = {row.contact_hash: row.id for row in a.inbox(app)}
    with reading(app.engine) as c:
        rows = c.execute(sa.select(suppressions)).all()
    assert {row.contact_hash: row.evidence for row in rows} == {
        contact: f"inbox {number}: 5.1.1 550 nobody" for contact, number in kept.items()
    }
    assert [row.evidence for row in a.ledger(app)] == [row.evidence for row in rows]


def test_rule_15_the_button_stops_what_the_shop_says(app: App):
    ((i, reference),) = a.sent(app)
    narrow = replace(app, house=replace(app.house, wishes=Wishes(Scope.TEXT, Scope.EMAIL)))
    a.told(narrow, event("unsubscribe", o.email(i), reference))
    assert {scope for _, _, scope, _ in a.closed(app)} == {"email"}


def test_rule_26_opted_out_and_bad_numbers(app: App):
    first, second = a.sent(app, 2, channel="text")
    number = "+447400123456"
    a.heard(
        app,
        status("failed", first, Told.DROPPED, because=Because.OPTED_OUT, address=number, fault=Fault.OPTED_OUT),
        status("undelivered", second, Told.BOUNCED, because=Because.BAD_ADDRESS, fault=Fault.BAD_ADDRESS),
    )
    by_scope = {(scope, channel): contact for contact, channel, scope, _ in a.closed(app)}
    assert set(by_scope) == {("everything", "text"), ("address", "text")}
    assert by_scope["address", "text"] == o.hash_of(second[0])


# --- what follows for the campaign and the provider


@pytest.mark.parametrize("fault", [Fault.SENDER, Fault.REFUSED, Fault.KEY, Fault.CONTENT])
def test_rule_26_a_status_stops_the_campaign_or_slows_us_down(app: App, fault: Fault):
    (message,) = a.sent(app, channel="text", mode="live")
    a.heard(app, status("failed", message, Told.DROPPED, fault=fault, said="failed 3xxxx"))
    a.heard(app, status("undelivered", message, Told.BLOCKED, fault=fault, said="failed 3xxxx"))
    with reading(app.engine) as c:
        paused = {row.campaign for row in levers.paused(c)}
        provider = provider_states.state(c, "twilio")
    assert (paused == {"delivery_check"}) is (fault is Fault.SENDER)
    assert (provider is not None and provider.paused_until is not None) is (fault is Fault.REFUSED)
    assert (provider is not None and provider.needs_person) is (fault is Fault.KEY)


def test_rule_26_filtered_words_stop_the_campaign_once_most_fail(app: App):
    """Accepted at once, filtered by carriers later: the same breaker as of refusals at once."""
    messages = a.sent(app, 30, channel="text", mode="live")
    with writing(app.engine) as c:
        breakers.note(c, "live", {"delivery_check": "." * 30})
    for count, stopped in ((19, False), (1, True)):
        some, messages = messages[:count], messages[count:]
        a.heard(app, *(status("undelivered", m, Told.BLOCKED, fault=Fault.CONTENT, said="30007") for m in some))
        with reading(app.engine) as c:
            assert bool(levers.paused(c)) is stopped


# --- many at once


def test_two_posts_with_the_same_events_at_once(app: App):
    messages = a.sent(app, 60)
    said = [event("bounce", o.email(i), reference, type="bounce") for i, reference in messages]
    with ThreadPoolExecutor(4) as threads:
        posts = [said, list(reversed(said)), said[30:] + said[:30], said[::2] + said[1::2]]
        assert sum(threads.map(lambda post: a.told(app, *post), posts)) == 60
    assert len(a.inbox(app)) == len(a.closed(app)) == len(a.ledger(app)) == 60


def test_a_post_is_a_handful_of_statements(app: App):
    messages = a.sent(app, 100, state="handed")
    words = [
        {"event": "delivered"},
        {"event": "bounce", "type": "bounce"},
        {"event": "spamreport"},
        {"event": "unsubscribe"},
    ]
    said = [{**event("", o.email(i), r), **words[n % 4]} for n, (i, r) in enumerate(messages)]
    statements: list[str] = []
    sa.event.listen(app.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    a.told(app, *said)
    assert len(statements) < 25, statements
    assert len(a.closed(app)) == 75


def test_all_of_a_post_is_committed_or_nothing_is(app: App):
    ((i, reference),) = a.sent(app)

    def full(*said: Any) -> None:
        if "INTO suppression" in said[2]:
            raise RuntimeError("the disk is full")

    sa.event.listen(app.engine, "before_cursor_execute", full)
    with pytest.raises(RuntimeError):
        a.told(app, event("spamreport", o.email(i), reference))
    sa.event.remove(app.engine, "before_cursor_execute", full)
    assert (a.inbox(app), a.closed(app), a.fates(app)[i][1]) == ([], set(), None)
    assert a.told(app, event("spamreport", o.email(i), reference)) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_two_that_get_in_each_others_way_are_tried_once_more(app: App, times: int):
    """As PostgreSQL ends one of two transactions in a circle. A second time the provider is told to come again."""
    left = [times]

    class Deadlock(Exception):
        sqlstate = "40P01"

    def meets(*said: Any) -> None:
        if "INTO inbox_event" in said[2] and left[0]:
            left[0] -= 1
            raise sa.exc.OperationalError("INSERT", None, Deadlock("deadlock detected"))

    sa.event.listen(app.engine, "before_cursor_execute", meets)
    try:
        assert a.told(app, event("spamreport", "ana@example.com")) == 1
        assert times == 1
    except Busy:
        assert times == 2
    assert len(a.closed(app)) == 2 - times
