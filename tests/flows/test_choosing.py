"""What happens when an operator takes only a part of a night, or only looks?"""

from collections import Counter

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.selection import parse
from outreach.flows.rehearse import rehearse
from outreach.flows.tonight import scratch_copy, the_night
from outreach.store.schema import candidates, decisions
from outreach.store.shop import customers, orders
from tests.flows.stage import NIGHT, Stage


def chosen(stage: Stage, words: str) -> object:
    return parse(words, campaigns=stage.app.campaigns)


def done(stage: Stage) -> Counter[str]:
    return Counter(m.campaign for m in stage.messages(state="ready"))


def whole_night(stage: Stage) -> tuple[Counter[str], list[tuple[object, ...]]]:
    """What a night in one piece would do, asked of a copy."""
    with scratch_copy(stage.app) as copy:
        twin = Stage(stage.project, stage.url, stage.shipped, copy)
        twin.night()
        return done(twin), twin.decisions()


def test_a_limit_now_and_the_rest_later(stage: Stage):
    whole, _ = whole_night(stage)
    first = stage.night(limit=7)
    assert sum(done(stage).values()) == 7
    report = the_night(stage.app, first.run_id)
    assert report.because()["over_limit"] > 50
    assert all(t.found == t.left_alone + t.queued for t in report.tallies)
    second = stage.night(limit=7)
    assert second.fresh
    assert sum(done(stage).values()) == 14
    stage.night()
    assert done(stage) == whole
    report = the_night(stage.app, first.run_id)
    assert "over_limit" not in report.because()
    assert all(t.found == t.left_alone + t.queued for t in report.tallies)
    assert not stage.night().fresh


def test_one_campaign_now_and_the_rest_later(stage: Stage):
    whole, _ = whole_night(stage)
    stage.night(select=chosen(stage, "campaign:we_were_late"))
    assert done(stage) == {"we_were_late": whole["we_were_late"]}
    once_more = stage.night(select=chosen(stage, "campaign:we_were_late"))
    assert not once_more.fresh, "a selection that is done is no error: cron may ask twice"
    stage.night()
    assert done(stage) == whole


def test_a_country_now_and_the_rest_later(stage: Stage):
    whole, decided = whole_night(stage)
    planned = stage.night(select=chosen(stage, "campaign:delivery_check,country:BR country:PT"))
    countries = dict(map(tuple, stage.rows(sa.select(customers.c.id, customers.c.country))))
    assert {(m.campaign if countries[m.customer_id] == "BR" else "any") for m in stage.messages()} <= {
        "delivery_check",
        "any",
    }
    assert {countries[m.customer_id] for m in stage.messages()} == {"BR", "PT"}
    report = the_night(stage.app, planned.run_id)
    assert sum(report.undecided.values()) > 50
    for tally in report.tallies:
        assert tally.found == tally.left_alone + tally.queued + report.undecided.get(tally.campaign, 0)
    stage.night()
    assert done(stage).total() == whole.total()
    assert {d[:4] for d in stage.decisions()} == {d[:4] for d in decided}


def test_all_but_some_then_one_customer_alone(stage: Stage):
    stage.night(exclude=chosen(stage, "campaign:we_were_late country:GB"))
    countries = dict(map(tuple, stage.rows(sa.select(customers.c.id, customers.c.country))))
    assert "we_were_late" not in done(stage)
    assert "GB" not in {countries[m.customer_id] for m in stage.messages()}
    key = open_people(stage)[0]
    stage.night(select=chosen(stage, f"customer:{key}"))
    assert key not in open_people(stage)


def open_people(stage: Stage) -> list[str]:
    """Customers the night found and has not decided about."""
    t = candidates.c
    joined = sa.select(customers.c.key).join(candidates, t.customer_id == customers.c.id)
    return [row.key for row in stage.rows(joined.where(t.decided.is_(False)).distinct().order_by(customers.c.key))]


@pytest.mark.parametrize("words", ["country:JP", "customer:C-9999", "campaign:delivery_check,language:ja"])
def test_a_selection_of_nobody_is_a_slip(sqlite_stage: Stage, words: str):
    with pytest.raises(Misuse) as refused:
        sqlite_stage.night(select=chosen(sqlite_stage, words))
    assert refused.value.code == "OUT-621"
    assert sqlite_stage.rows(sa.select(decisions)) == []
    sqlite_stage.night()
    with pytest.raises(Misuse):
        sqlite_stage.night(select=chosen(sqlite_stage, words))


def test_a_campaign_that_finds_nobody_is_a_fact(sqlite_stage: Stage):
    sqlite_stage.change(sa.update(orders).where(orders.c.due_on.is_not(None)).values(due_on=orders.c.complete_on))
    planned = sqlite_stage.night(select=chosen(sqlite_stage, "campaign:we_were_late"))
    assert planned.fresh
    assert the_night(sqlite_stage.app, planned.run_id).found == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("campaign:delivery_chek", 'did you mean "delivery_check"?'),
        ("kind:offer", "use campaign:…, country:…, language:…, customer:…"),
        ("delivery_check", "use campaign:…, country:…, language:…, customer:…"),
    ],
)
def test_an_unknown_word_is_answered_with_known_ones(words: str, said: str):
    with pytest.raises(Misuse) as refused:
        parse(words, campaigns=["delivery_check", "upgrade_offer"])
    assert (refused.value.code, refused.value.facts) == ("OUT-620", (said,))


def test_a_look_changes_nothing(stage: Stage):
    stage.night(NIGHT.replace(day=12))
    before, files = stage.counts(), list(stage.project.rglob("*"))
    with scratch_copy(stage.app, NIGHT) as copy:
        assert Stage(stage.project, stage.url, stage.shipped, copy).night().fresh
    rehearse(stage.app, first=NIGHT, nights=2)
    assert stage.counts() == before
    assert [p for p in stage.project.rglob("*") if p not in files and not p.name.endswith(("-wal", "-shm"))] == []
    if stage.app.engine.dialect.name == "postgresql":
        schemas = stage.rows(sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'scratch%'"))
        assert schemas == []


def test_a_look_that_fails_leaves_nothing_either(stage: Stage):
    before = stage.counts()
    with pytest.raises(Misuse), scratch_copy(stage.app) as copy:
        Stage(stage.project, stage.url, stage.shipped, copy).night(select=chosen(stage, "country:JP"))
    assert stage.counts() == before
    if stage.app.engine.dialect.name == "postgresql":
        assert stage.rows(sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'scratch%'")) == []
