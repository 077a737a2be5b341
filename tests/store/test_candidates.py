"""Is everybody a scan found counted once, cut into whole households, and decided again exactly when asked?"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.scans import delivered_orders, quiet_customers
from outreach.core.decide import Decision
from outreach.core.errors import Misuse
from outreach.core.selection import parse
from outreach.core.terms import Candidate, LegalClass, Mode, Outcome, Reason
from outreach.store import candidates, decisions, planning, runs, schema, shop
from outreach.store.candidates import chosen, chunk, count, gather, mark_decided, open_again, undecided
from outreach.store.households import join_households
from outreach.store.runs import Run, Tally
from tests import builders as b
from tests.core.cases import CHECK, OFFER, QUIET

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
AT = datetime(2026, 3, 15, 2, 30, tzinfo=UTC)
NAMES = (CHECK.name, OFFER.name, QUIET.name)


def ago(days: int) -> date:
    return NIGHT - days * DAY


def night(c: sa.Connection, day: date = NIGHT, mode: Mode = Mode.OUTBOX) -> Run:
    return runs.begin(c, night=day, mode=mode, at=AT, offset_seconds=0)


@pytest.fixture
def run(connection: sa.Connection) -> Run:
    return night(connection)


def delivered(c: sa.Connection, customer: int, key: str, days: int = 5) -> int:
    return b.order(c, key, customer, placed_on=ago(20), delivered_on=ago(days))


def people(c: sa.Connection, number: int, **more: Any) -> list[int]:
    """Each with one order to be asked about, "O-<n>"."""
    ids = [b.customer(c, f"C-{n}", email=f"c{n}@example.com", **more) for n in range(number)]
    for n, customer in enumerate(ids):
        delivered(c, customer, f"O-{n}")
    return ids


def keys(found: Sequence[Candidate]) -> list[str]:
    return sorted(f.subject_key for f in found)


def everyone(c: sa.Connection, run: Run, where: candidates.Chosen | None = None) -> list[Candidate]:
    wanted = chosen(NAMES) if where is None else where
    return chunk(c, run.id, wanted, after=0, size=1000)


def close_all(c: sa.Connection, run: Run) -> int:
    return mark_decided(c, run.id, chosen(NAMES), after=0, upto=1_000_000)


def tell(c: sa.Connection, subject: str, customer: int, mode: str = "outbox", campaign: str = CHECK.name) -> None:
    row = {"mode": mode, "campaign": campaign, "customer_id": customer, "subject_key": subject}
    c.execute(sa.insert(schema.told).values(**row, contact_hash="x", outbox_id=1))


def decided(about: Candidate, reason: Reason | None = None, outcome: Outcome = Outcome.LEAVE_ALONE) -> Decision:
    return Decision(about, Outcome.SEND if reason is None else outcome, LegalClass.SERVICE, reason)


def test_gathered(connection: sa.Connection, run: Run) -> None:
    ana = b.customer(connection)
    order = delivered(connection, ana, "O-1")
    assert gather(connection, run, CHECK, delivered_orders.scan(NIGHT)) == (1, 0)
    assert everyone(connection, run) == [Candidate(CHECK.name, ana, "O-1", ago(5), {"order_id": order})]


def test_a_scan_may_say_more(connection: sa.Connection, run: Run) -> None:
    """Dates become ISO text, numbers stay numbers, what is not there is None: the same on both databases."""
    for n in range(3):
        customer = b.customer(connection, f"C-{n}", email=None)
        for m in range(3):
            b.order(connection, f"O-{n}{m}", customer, placed_on=ago(60 + 26 * m))
    gather(connection, run, QUIET, quiet_customers.scan(NIGHT))
    first, *_ = everyone(connection, run)
    assert (first.became_on, first.useful_until, first.follows) == (ago(7), ago(7) + 30 * DAY, None)
    facts = dict(first.facts)
    last = facts.pop("last_order_id")
    assert connection.execute(sa.select(shop.orders.c.key).where(shop.orders.c.id == last)).scalar_one() == "O-00"
    numbers = {"attempt": 1, "days_quiet": 60, "months_quiet": 2, "usual_days": 26, "own_gaps": 2, "allowed_days": 52}
    assert facts == {**numbers, "own_median": 26, "shop_median": 26, "variant": None}
    o = shop.orders.c
    what = (o.customer_id, o.key.label("subject_key"), o.placed_on.label("subject_date"))
    bought = sa.select(*what, o.placed_on.label("bought_on")).where(o.key == "O-11")
    gather(connection, run, OFFER, bought)
    [offer] = everyone(connection, run, chosen([OFFER.name]))
    assert offer.facts == {"bought_on": ago(86).isoformat()}


def test_a_scan_without_the_columns_everyone_needs(connection: sa.Connection, run: Run) -> None:
    with pytest.raises(Misuse, match="gives no column subject_key, subject_date") as problem:
        gather(connection, run, CHECK, sa.select(shop.orders.c.customer_id))
    assert problem.value.code == "OUT-612"


def test_those_told_before_are_counted_and_dropped(connection: sa.Connection, run: Run) -> None:
    ids = people(connection, 5)
    tell(connection, "O-0", ids[0])
    tell(connection, "O-1", ids[1], mode="live")
    tell(connection, "O-2", ids[2], campaign=OFFER.name)
    tell(connection, "O-3", ids[4])
    assert gather(connection, run, CHECK, delivered_orders.scan(NIGHT)) == (5, 1)
    assert keys(everyone(connection, run)) == ["O-1", "O-2", "O-3", "O-4"]
    assert undecided(connection, run.id) == {CHECK.name: 4}


def test_nobody_found(connection: sa.Connection, run: Run) -> None:
    assert gather(connection, run, CHECK, delivered_orders.scan(NIGHT)) == (0, 0)
    assert everyone(connection, run) == []
    assert undecided(connection, run.id) == {}


def test_candidates_are_per_run(connection: sa.Connection, run: Run) -> None:
    people(connection, 2)
    other = night(connection, NIGHT, Mode.LIVE)
    gather(connection, run, CHECK, delivered_orders.scan(NIGHT))
    assert everyone(connection, other) == []
    gather(connection, other, CHECK, delivered_orders.scan(NIGHT))
    assert close_all(connection, run) == 2
    assert len(everyone(connection, other)) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_no_chunk_splits_a_household(connection: sa.Connection, run: Run, size: int) -> None:
    """Nine people in four homes, two orders each: every home comes whole, once, whatever the size."""
    for n in range(9):
        home = b.customer(connection, f"C-{n}", email=f"home{n % 4}@example.com")
        delivered(connection, home, f"A-{n}")
        delivered(connection, home, f"B-{n}", 4)
    join_households(connection)
    gather(connection, run, CHECK, delivered_orders.scan(NIGHT))
    homes = candidates.households(connection, range(1, 10))
    assert len(set(homes.values())) == 4
    after, seen = 0, []
    while found := chunk(connection, run.id, chosen(NAMES), after=after, size=size):
        here = {homes[f.customer_id] for f in found}
        assert len(here) == min(size, 4 - len(seen))
        assert {f.customer_id for f in found} == {who for who, home in homes.items() if home in here}
        assert min(here) > after
        after = max(here)
        seen += sorted(here)
    assert seen == sorted(set(homes.values()))


def test_a_chunk_leaves_out_what_is_decided(connection: sa.Connection, run: Run) -> None:
    people(connection, 3)
    gather(connection, run, CHECK, delivered_orders.scan(NIGHT))
    first, *rest = everyone(connection, run)
    home = candidates.households(connection, [first.customer_id])[first.customer_id]
    assert mark_decided(connection, run.id, chosen([OFFER.name]), after=0, upto=home) == 0
    assert mark_decided(connection, run.id, chosen(NAMES), after=0, upto=home) == 1
    assert everyone(connection, run) == rest
    assert count(connection, run.id, chosen(NAMES)) == 2
    assert mark_decided(connection, run.id, chosen(NAMES), after=0, upto=home) == 0
    assert close_all(connection, run) == 2
    assert everyone(connection, run) == []


@pytest.mark.parametrize(
    ("select", "included", "excluded"),
    [
        ("country:BR", ["O-1"], ["O-0", "O-2"]),
        ("country:BR country:GB", ["O-0", "O-1"], ["O-2"]),
        ("language:en", ["O-0", "O-1"], ["O-2"]),
        ("country:BR,language:en", ["O-1"], ["O-0", "O-2"]),
        ("country:BR,language:pt", [], ["O-0", "O-1", "O-2"]),
        ("customer:C-2 country:GB", ["O-0", "O-2"], ["O-1"]),
        ("campaign:delivery_check", ["O-0", "O-1", "O-2"], []),
        ("campaign:upgrade_offer", [], ["O-0", "O-1", "O-2"]),
        ("campaign:delivery_check,customer:C-0", ["O-0"], ["O-1", "O-2"]),
    ],
)
def test_what_the_operator_chose(
    connection: sa.Connection, run: Run, select: str, included: list[str], excluded: list[str]
) -> None:
    """The third customer has neither country nor language: an --exclude does not lose them."""
    for n, (country, language) in enumerate([("GB", "en"), ("BR", "en"), (None, None)]):
        delivered(
            connection, b.customer(connection, f"C-{n}", email=None, country=country, language=language), f"O-{n}"
        )
    gather(connection, run, CHECK, delivered_orders.scan(NIGHT))
    words = parse(select, campaigns=NAMES)
    for where, expected in ((chosen(NAMES, words), included), (chosen(NAMES, exclude=words), excluded)):
        assert keys(everyone(connection, run, where)) == expected
        assert count(connection, run.id, where) == len(expected)
    assert everyone(connection, run, chosen([OFFER.name], words)) == []
    assert everyone(connection, run, chosen(NAMES, words, words)) == []


def test_opened_again_by_their_last_word(connection: sa.Connection, run: Run) -> None:
    people(connection, 4)
    gather(connection, run, CHECK, delivered_orders.scan(NIGHT))
    found = everyone(connection, run)
    words = [Reason.TEMPLATE_PROBLEM, Reason.RESTED, None, Reason.TEMPLATE_PROBLEM]
    decisions.append(connection, run, [decided(f, w) for f, w in zip(found, words, strict=True)], AT)
    decisions.append(connection, run, [decided(found[3], Reason.ON_HOLD)], AT)
    close_all(connection, run)
    assert open_again(connection, run.id, "template_problem", chosen([OFFER.name])) == {}
    assert open_again(connection, run.id, "template_problem", chosen(NAMES)) == {CHECK.name: 1}
    assert everyone(connection, run) == [found[0]]
    assert open_again(connection, run.id, "template_problem", chosen(NAMES)) == {}
    assert open_again(connection, run.id, "send", chosen(NAMES)) == {CHECK.name: 1}
    assert everyone(connection, run) == [found[0], found[2]]


def test_a_word_of_an_earlier_night_that_still_stands_opens_again(connection: sa.Connection, run: Run) -> None:
    """Two nights with the same broken template write one decision; `retry` of the second must still find it."""
    people(connection, 1)
    before, live = night(connection, ago(1)), night(connection, ago(1), Mode.LIVE)
    tonight = night(connection, NIGHT + DAY)
    for each in (before, tonight):
        gather(connection, each, CHECK, delivered_orders.scan(each.night))
        found = everyone(connection, each)
        decisions.append(connection, each, [decided(f, Reason.TEMPLATE_PROBLEM) for f in found], AT)
        close_all(connection, each)
    decisions.append(connection, live, [decided(f, Reason.RESTED) for f in found], AT)
    assert [row.mode for row in decisions_of(connection, found[0].customer_id)].count("outbox") == 1
    assert open_again(connection, tonight.id, "template_problem", chosen(NAMES)) == {CHECK.name: 1}


def decisions_of(c: sa.Connection, customer: int) -> list[Any]:
    """Every decision about one customer, oldest first."""
    made = sa.select(schema.decisions).where(schema.decisions.c.customer_id == customer)
    return list(c.execute(made.order_by(schema.decisions.c.id)))


def test_a_decision_is_written_when_it_changes(connection: sa.Connection, run: Run) -> None:
    [ana] = people(connection, 1)
    about = Candidate(CHECK.name, ana, "O-0", ago(5), {"order_id": 1})

    def written(reason: Reason | None, each: Run = run) -> int:
        return decisions.append(connection, each, [decided(about, reason)], AT)

    assert [written(r) for r in (Reason.RESTED, Reason.RESTED, Reason.ENOUGH, Reason.RESTED)] == [1, 0, 1, 1]
    assert written(Reason.RESTED, night(connection, NIGHT + DAY)) == 0
    assert written(Reason.RESTED, night(connection, NIGHT, Mode.LIVE)) == 1
    assert [written(None), written(None)] == [1, 1]
    assert decisions.append(connection, run, [], AT) == 0
    first, *_ = decisions_of(connection, ana)
    assert (first.outcome, first.reason, first.night, first.mode) == ("leave_alone", "rested", NIGHT, "outbox")
    assert first.facts == {"scan": {"order_id": 1}, "subject_date": ago(5).isoformat()}


def plan(c: sa.Connection, run: Run, customer: int, subjects: Sequence[str], rank: int = 40, draw: int = 1) -> int:
    """A planned message about these orders, with its once-only keys."""
    point = c.execute(sa.text("SELECT min(id) FROM contact_point WHERE customer_id = :c"), {"c": customer}).scalar_one()
    row = planning.Message(
        campaign=CHECK.name,
        kind="service",
        legal="service",
        customer_id=customer,
        contact_point_id=point,
        contact_hash="x",
        channel="email",
        subject_key=subjects[0],
        subjects=list(subjects),
        facts={},
        rank=rank,
        draw=draw,
        not_before=AT,
        not_after=AT + DAY,
    )
    [message] = planning.add(c, run, [row], AT)
    assert message is not None
    assert planning.add(c, run, [row], AT) == [None]
    planning.tell(c, run, [planning.Told(customer, CHECK.name, subject, "x", message) for subject in subjects])
    return message


def test_messages_over_the_ceiling_go_back(connection: sa.Connection, run: Run) -> None:
    """By priority, then the night's draw; each subject of a message that goes back is left alone, for another night."""
    ids = people(connection, 4)
    plan(connection, run, ids[0], ["O-0"], 40, 5)
    plan(connection, run, ids[1], ["O-1"], 20, 9)
    plan(connection, run, ids[2], ["O-2", "O-2b"], 40, 7)
    plan(connection, run, ids[3], ["O-3"], 40, 1)
    over = planning.over(run, 2)
    assert decisions.overrule(connection, run, over, decisions.Overruled(Reason.OVER_LIMIT, AT)) == {CHECK.name: 3}
    gone = list(connection.execute(over).scalars())
    assert planning.drop(connection, planning.chosen(gone)) == 2
    left = connection.execute(sa.select(schema.outbox.c.subject_key).order_by(schema.outbox.c.id)).scalars()
    assert list(left) == ["O-1", "O-3"]
    told = connection.execute(sa.select(schema.told.c.subject_key).order_by(schema.told.c.subject_key)).scalars()
    assert list(told) == ["O-1", "O-3"]
    made = [row for who in ids for row in decisions_of(connection, who)]
    assert sorted((d.subject_key, d.outcome, d.reason) for d in made) == [
        (s, "leave_alone", "over_limit") for s in ("O-0", "O-2", "O-2b")
    ]
    assert {(d.facts == {}, d.decided_at) for d in made} == {(True, AT)}
    assert gather(connection, run, CHECK, delivered_orders.scan(NIGHT)) == (4, 2)


def test_planned_messages_are_let_go_together(connection: sa.Connection, run: Run) -> None:
    ids = people(connection, 2)
    for n, customer in enumerate(ids):
        plan(connection, run, customer, [f"O-{n}"])
    assert planning.planned_per_campaign(connection, run) == {CHECK.name: 2}
    assert planning.let_go(connection, run, [OFFER.name], AT) == 0
    assert planning.of_the_night(connection, run) == planning.planned_per_campaign(connection, run) == {CHECK.name: 2}
    assert planning.let_go(connection, run, [CHECK.name], AT) == 2
    assert (planning.of_the_night(connection, run), planning.planned_per_campaign(connection, run)) == (
        {CHECK.name: 2},
        {},
    )
    assert planning.planned_per_campaign(connection, run) == {}
    assert planning.unrendered(connection, run, after=0, size=9) == []


def test_backlog_is_what_was_true_before_the_start(connection: sa.Connection, run: Run) -> None:
    ids = people(connection, 3)
    for who, became in zip(ids, (ago(1), NIGHT, None), strict=True):
        row = {"run_id": run.id, "campaign": OFFER.name, "customer_id": who, "subject_key": "M", "household_id": who}
        connection.execute(sa.insert(schema.candidates).values(**row, subject_date=NIGHT, became_on=became, facts={}))
    assert candidates.backlog(connection, run.id, NAMES, NIGHT) == [(OFFER.name, ids[0], "M")]
    assert candidates.backlog(connection, run.id, [CHECK.name], NIGHT) == []


def test_candidates_of_nights_long_past_are_forgotten(connection: sa.Connection) -> None:
    people(connection, 2)
    nights = [night(connection, NIGHT + n * DAY) for n in range(3)]
    for each in nights:
        gather(connection, each, CHECK, delivered_orders.scan(NIGHT))
    assert candidates.forget_old(connection, keep_run=nights[2].id, keep=1) == 4
    assert [len(everyone(connection, each)) for each in nights] == [0, 0, 2]


def test_one_run_a_night_and_mode(connection: sa.Connection, run: Run) -> None:
    assert night(connection) == run
    assert night(connection, NIGHT, Mode.LIVE).id != run.id
    assert (run.name, run.night, run.mode, run.attempt) == ("n-2026-03-15", NIGHT, Mode.OUTBOX, 1)
    runs.set_run(connection, run.id, state="held", held_because=["unusual"])
    assert runs.supersede_held(connection, before=NIGHT, mode=Mode.OUTBOX) == 0
    assert runs.supersede_held(connection, before=NIGHT + DAY, mode=Mode.LIVE) == 0
    assert runs.supersede_held(connection, before=NIGHT + DAY, mode=Mode.OUTBOX) == 1
    latest = runs.latest(connection, mode=Mode.OUTBOX)
    assert latest is not None
    assert (latest.state, latest.held_because) == ("superseded", ("unusual",))
    assert runs.latest(connection, mode=Mode.OUTBOX, before=NIGHT) is None


def test_what_is_usual_is_what_live_nights_queued(connection: sa.Connection) -> None:
    for n in range(4):
        each = night(connection, ago(n), Mode.LIVE)
        runs.set_run(connection, each.id, state="held" if n == 1 else "done")
        if n != 2:
            runs.set_tally(connection, each.id, Tally(CHECK.name, "done", 9, 0, {"rested": 1}))
            runs.set_tally(connection, each.id, Tally(CHECK.name, "done", 9, n, {"rested": 9 - n}))
    runs.set_run(connection, night(connection, ago(5)).id, state="done")
    assert runs.usual(connection, before=NIGHT) == [{}, {CHECK.name: 3}]
    assert runs.usual(connection, before=NIGHT + DAY, nights=1) == [{CHECK.name: 0}]
    assert runs.first_live_night(connection) == ago(3)
    assert runs.tallies(connection, each.id)[CHECK.name].left_alone == 6
