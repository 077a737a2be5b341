"""Does one night turn records into messages so that every number adds up, on both databases?"""

import json
from email import message_from_bytes, policy
from pathlib import Path

import sqlalchemy as sa

from outreach.cli.nightpage import data, page
from outreach.flows.tonight import leaving, the_night
from outreach.store.schema import attempts, candidates, decisions, run_campaigns, told
from tests.flows.stage import NIGHT, Stage


def test_found_is_left_alone_and_queued(stage: Stage):
    planned = stage.night()
    assert planned.fresh
    assert planned.problems == ()
    report = the_night(stage.app, planned.run_id)
    assert report.found > 150
    for tally in report.tallies:
        assert tally.state == "done"
        assert tally.found == tally.left_alone + tally.queued
        assert tally.found == len(stage.rows(sa.select(candidates).where(candidates.c.campaign == tally.campaign)))
        sends = stage.rows(
            sa.select(decisions).where(decisions.c.campaign == tally.campaign, decisions.c.outcome == "send")
        )
        assert len(sends) == tally.queued
        told_of = stage.rows(sa.select(told).where(told.c.campaign == tally.campaign))
        assert len(told_of) == tally.queued
    assert report.queued == sum(len(m.subjects) for m in stage.messages())
    assert report.messages == len(stage.messages(state="ready"))


def test_the_screen_and_the_document_say_what_the_database_says(sqlite_stage: Stage):
    report = the_night(sqlite_stage.app, sqlite_stage.night().run_id)
    shown = json.loads(json.dumps(data(report), default=str))
    assert shown["found"] == shown["left_alone"] + shown["queued"] == report.found
    words = {line.split()[0]: line.split()[1:4] for line in page(report) if line.startswith("  ") and line.strip()}
    for row in sqlite_stage.rows(sa.select(run_campaigns)):
        left_alone = sum(row.because.values())
        assert row.found == left_alone + row.queued
        assert words[row.campaign] == [f"{n:,}" for n in (row.found, left_alone, row.queued)]
        of = shown["campaigns"][row.campaign]
        assert (of["found"], of["left_alone"], of["queued"]) == (row.found, left_alone, row.queued)
        assert sum(of["left_alone_because"].values()) == left_alone
    assert words["All"] == [f"{n:,}" for n in (report.found, report.left_alone, report.queued)]
    assert sum(shown["left_alone_because"].values()) == shown["left_alone"]


def test_the_same_night_again_changes_nothing(stage: Stage):
    stage.night()
    before = stage.counts()
    again = stage.night()
    assert not again.fresh
    assert again.problems == ()
    assert stage.counts() == before


def test_every_message_has_its_content_its_revision_and_its_key(stage: Stage):
    planned = stage.night()
    for row, content in leaving(stage.app, planned.run_id):
        assert row.state == "ready"
        assert content is not None
        assert content.text.strip()
        assert (content.subject is not None) == (row.channel == "email")
        assert row.template_revision
        assert row.dedupe_key == f"outbox|{row.campaign}|{row.customer_id}|{row.subject_key}"
    keys = stage.rows(sa.select(told.c.outbox_id, told.c.subject_key, told.c.contact_hash))
    by_message = {m.id: m for m in stage.messages()}
    assert all(k.subject_key in by_message[k.outbox_id].subjects for k in keys)
    assert all(k.contact_hash == by_message[k.outbox_id].contact_hash for k in keys)


def test_a_decision_is_written_when_it_changes_and_for_every_send(stage: Stage):
    stage.night()
    first = stage.rows(sa.select(sa.func.max(decisions.c.id)))[0][0]
    stage.night(NIGHT.replace(day=15))
    of = (decisions.c.customer_id, decisions.c.campaign, decisions.c.subject_key)
    rows = stage.rows(sa.select(decisions).order_by(decisions.c.id))
    last: dict[tuple[object, ...], tuple[str, str | None]] = {}
    for row in rows:
        key = tuple(getattr(row, c.name) for c in of)
        assert row.outcome == "send" or last.get(key) != (row.outcome, row.reason)
        last[key] = (row.outcome, row.reason)
    assert [r for r in rows if r.id > first], "the second night decided something new"
    assert len([r for r in rows if r.id > first]) < len([r for r in rows if r.id <= first]) / 4


def test_what_leaves_is_what_was_stored(stage: Stage):
    planned = stage.night()
    stored = {row.id: (row, content) for row, content in leaving(stage.app, planned.run_id)}
    handed = stage.hand_over()
    assert handed.states == {"accepted": len(stored)}
    folder = stage.project / ".outreach" / "outbox" / NIGHT.isoformat()
    for number, (row, content) in stored.items():
        assert content is not None
        if row.channel == "text":
            text = (folder / f"m-{number}.txt").read_text(encoding="utf-8")
            assert text.endswith(f"\n\n{content.text}\n")
            continue
        assert (folder / f"m-{number}.html").read_text(encoding="utf-8") == content.html
        _mail_is(folder / f"m-{number}.eml", content, row.address)


def _mail_is(path: Path, content: object, address: str) -> None:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == content.subject  # type: ignore[attr-defined]
    assert mail["To"] == address
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == content.text.strip()  # type: ignore[attr-defined]
    assert html.get_content().strip() == content.html.strip()  # type: ignore[attr-defined]
    assert mail.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    (unsubscribe,) = mail.get_all("List-Unsubscribe") or []
    assert "<http" in unsubscribe
    assert mail.defects == []


def test_handing_over_leaves_a_trail_and_happens_once(stage: Stage):
    stage.night()
    stage.hand_over()
    rows = stage.messages()
    tried = {a.outbox_id: a for a in stage.rows(sa.select(attempts))}
    assert len(tried) == len(rows)
    for m in rows:
        assert (m.state, m.attempt, m.lease_until, m.provider) == ("accepted", 1, None, "outbox")
        a = tried[m.id]
        assert (a.outcome, a.provider_message_id) == ("accepted", m.provider_message_id)
        assert a.claimed_at <= a.handed_at <= a.finished_at
    files = {p: p.stat().st_mtime_ns for p in (stage.project / ".outreach" / "outbox").rglob("*.*")}
    before = stage.counts()
    assert stage.hand_over().states == {}
    assert stage.counts() == before
    assert {p: p.stat().st_mtime_ns for p in files} == files


def test_the_second_night_tells_nobody_the_same(stage: Stage):
    first, second = stage.night(), stage.night(NIGHT.replace(day=15))
    report = the_night(stage.app, second.run_id)
    assert report.because()["already_told"] > 50
    for tally in report.tallies:
        assert tally.found == tally.left_alone + tally.queued
    about = [(m.campaign, m.customer_id, s) for m in stage.messages() for s in m.subjects]
    assert len(about) == len(set(about))
    assert first.run_id != second.run_id
