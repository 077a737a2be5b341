"""What does one bad template cost? Only the people who wait for it, and only until it is mended."""

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.flows import again
from outreach.flows.tonight import the_night
from outreach.store.contacts import contact_points
from outreach.store.schema import decisions, outbox, run_campaigns, told
from outreach.store.shop import order_lines, orders
from tests.flows.stage import NIGHT, Stage

RUN = f"n-{NIGHT}"
ENGLISH = "templates/delivery_check/email.en.j2"


def spoil(project: Path, name: str, old: str, new: str) -> str:
    """Change a template; returns what it was."""
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text


def outcome(stage: Stage) -> dict[str, Counter[str]]:
    """campaign -> last word on each subject (a reason, or send) -> people."""
    newest = sa.select(sa.func.max(decisions.c.id)).group_by(
        decisions.c.customer_id, decisions.c.campaign, decisions.c.subject_key
    )
    found: dict[str, Counter[str]] = {}
    for row in stage.rows(sa.select(decisions).where(decisions.c.id.in_(newest))):
        found.setdefault(row.campaign, Counter())[row.reason or row.outcome] += 1
    return found


def sums_add_up(stage: Stage, run_id: int) -> None:
    for tally in the_night(stage.app, run_id).tallies:
        assert tally.found == tally.left_alone + tally.queued


def test_a_broken_template_costs_its_own_people_and_retry_queues_exactly_them(stage: Stage):
    good = spoil(stage.project, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    stage.rebuilt()
    planned = stage.night()
    (problem,) = planned.problems
    assert (problem.code, str(problem.place)) == ("OUT-112", f"{ENGLISH}:2:20")
    kept = outcome(stage)["delivery_check"]["template_problem"]
    assert kept > 20
    assert f"{kept} customers wait for delivery_check" in problem.facts
    report = the_night(stage.app, planned.run_id)
    assert report.because()["template_problem"] == kept
    sums_add_up(stage, planned.run_id)
    others = {m.id for m in stage.messages(state="ready")}
    assert {m.campaign for m in stage.messages()} == {
        "delivery_check",  # those who read Portuguese
        "we_were_late",
        "running_late",
        "upgrade_offer",
        "quiet_customer",
    }
    assert {m.language for m in stage.messages(campaign="delivery_check", channel="email")} == {"pt-BR"}

    still = again.retry(stage.app, RUN)
    assert [p.code for p in still.problems] == ["OUT-112"], "not mended yet: still kept"
    assert {m.id for m in stage.messages(state="ready")} == others

    (stage.project / ENGLISH).write_text(good, encoding="utf-8")
    stage.rebuilt()
    mended = again.retry(stage.app, RUN)
    assert (mended.fresh, mended.problems) == (True, ())
    new = [m for m in stage.messages(state="ready") if m.id not in others]
    assert {(m.campaign, m.language, m.channel) for m in new} == {("delivery_check", "en", "email")}
    words = outcome(stage)["delivery_check"]
    shared_address = words["outranked"]  # two of a family were kept; one voice for their address
    assert words["template_problem"] == 0
    assert sum(len(m.subjects) for m in new) + shared_address == kept
    assert shared_address <= 1
    sums_add_up(stage, planned.run_id)
    assert not again.retry(stage.app, RUN).fresh
    assert len(stage.messages(state="ready")) == len(others) + len(new)


def test_those_who_wait_hear_nothing_lesser_in_between(sqlite_stage: Stage):
    """They keep their voice: else `retry` would come second to an offer (settled 31)."""
    whole = Counter(m.campaign for m in _night(sqlite_stage))
    two_claims = [
        row.customer_id
        for row in sqlite_stage.rows(
            sa.select(decisions).where(decisions.c.reason == "outranked", decisions.c.campaign == "upgrade_offer")
        )
    ]
    assert two_claims
    sqlite_stage.change(*(sa.delete(t) for t in (told, sa.table("content"), outbox, decisions)))
    sqlite_stage.change(*(sa.delete(sa.table(t)) for t in ("candidate", "run_campaign", "run")))
    spoil(sqlite_stage.project, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    sqlite_stage.rebuilt()
    after = Counter(m.campaign for m in _night(sqlite_stage))
    assert after["delivery_check"] < whole["delivery_check"]
    assert after["upgrade_offer"] == whole["upgrade_offer"]


def _night(stage: Stage) -> list[object]:
    stage.night()
    return stage.messages()


ENDLESS = "x" * 100_001


def name_things(stage: Stage, order_ids: list[int], name: str) -> None:
    """An endless name is no name: a message with it cannot be written."""
    of = order_lines.c.order_id.in_(order_ids)
    stage.change(sa.update(order_lines).where(of).values(product_id=None, name=name))


def fail_for(stage: Stage, count: int) -> list[int]:
    """Make that many delivery checks fail when they are written. Returns their orders."""
    window = orders.c.complete_on.between(NIGHT.replace(day=4), NIGHT.replace(day=11))
    in_time = sa.or_(orders.c.due_on.is_(None), orders.c.complete_on <= orders.c.due_on)
    emails = sa.select(contact_points.c.customer_id).where(contact_points.c.channel == "email")
    query = sa.select(orders.c.id).where(window, in_time, orders.c.customer_id.in_(emails)).order_by(orders.c.id)
    found = [row.id for row in stage.rows(query)][:count]
    name_things(stage, found, ENDLESS)
    return found


def test_facts_that_cannot_be_written_cost_only_their_people(stage: Stage):
    failing = fail_for(stage, 3)
    planned = stage.night()
    assert {p.code for p in planned.problems} == {"OUT-117"}
    assert all("customer" in " ".join(p.facts) for p in planned.problems)
    words = outcome(stage)
    assert words["delivery_check"]["template_problem"] == 3
    assert words["delivery_check"]["send"] > 30
    tally = next(t for t in the_night(stage.app, planned.run_id).tallies if t.campaign == "delivery_check")
    assert (tally.state, tally.failed) == ("done", 3)
    sums_add_up(stage, planned.run_id)
    name_things(stage, failing, "a mill")
    before = len(stage.messages(state="ready"))
    mended = again.retry(stage.app, RUN)
    assert mended.problems == ()
    assert len(stage.messages(state="ready")) == before + 3
    sums_add_up(stage, planned.run_id)


def test_too_many_failures_stop_the_campaign_and_no_other(stage: Stage):
    failing = fail_for(stage, 6)
    planned = stage.night()
    by_state = {t.campaign: t.state for t in the_night(stage.app, planned.run_id).tallies}
    assert by_state.pop("delivery_check") == "stopped"
    assert set(by_state.values()) == {"done"}
    assert stage.messages(campaign="delivery_check") == []
    words = outcome(stage)
    assert words["delivery_check"]["send"] == 0
    assert words["delivery_check"]["template_problem"] > 40
    assert words["upgrade_offer"]["send"] > 10
    sums_add_up(stage, planned.run_id)
    name_things(stage, failing, "a mill")
    again.retry(stage.app, RUN)
    assert len(stage.messages(campaign="delivery_check", state="ready")) == words["delivery_check"][
        "template_problem"
    ] - _joined(stage)
    (row,) = stage.rows(sa.select(run_campaigns).where(run_campaigns.c.campaign == "delivery_check"))
    assert (row.state, row.failed) == ("done", 0)
    sums_add_up(stage, planned.run_id)


def _joined(stage: Stage) -> int:
    """Subjects that ride in another's message."""
    return sum(len(m.subjects) - 1 for m in stage.messages(campaign="delivery_check"))


def test_a_few_failures_of_a_small_campaign_stop_nothing(sqlite_stage: Stage):
    """Fewer than five never stop a campaign, whatever their share."""
    late = sqlite_stage.rows(
        sa.select(orders.c.id).where(orders.c.complete_on.is_(None), orders.c.due_on < NIGHT, ~orders.c.cancelled)
    )
    four = [row.id for row in late][:4]
    name_things(sqlite_stage, four, ENDLESS)
    sqlite_stage.night()
    words = outcome(sqlite_stage)["running_late"]
    assert words["template_problem"] == 4
    assert words["send"] >= 4


def test_layouts_that_cannot_be_read_stop_the_night_before_it_begins(sqlite_stage: Stage):
    (sqlite_stage.project / "templates" / "_layouts" / "email.html.j2").write_text("{% if %}", encoding="utf-8")
    sqlite_stage.rebuilt()
    before = sqlite_stage.counts()
    with pytest.raises(Misuse) as refused:
        sqlite_stage.night()
    assert refused.value.code == "OUT-139"
    assert sqlite_stage.counts() == before
