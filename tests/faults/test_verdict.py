"""Does the judge see each broken promise? Told by hand, in the database or the journal, after a good night."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from outreach.store.contacts import contact_points
from outreach.store.schema import attempts, outbox
from tests.fake.running import Running
from tests.faults.hands import Crew
from tests.faults.scene import Scene
from tests.faults.stand import Stand
from tests.faults.verdict import Evidence, OptOut, judge

Tampering = Callable[[Evidence], Evidence]


def of_first(**values: object) -> Tampering:
    def tampered(evidence: Evidence) -> Evidence:
        evidence.scene.change(sa.update(outbox).where(outbox.c.id == min(evidence.planned)).values(values))
        return evidence

    tampered.__name__ = "_".join(values)
    return tampered


def opted_out_before(evidence: Evidence) -> Evidence:
    message = evidence.scene.messages()[min(evidence.planned)]
    (handed,) = evidence.scene.rows(sa.select(attempts.c.handed_at).where(attempts.c.outbox_id == message.id))
    just_before = handed.handed_at - timedelta(milliseconds=1)
    return replace(evidence, opt_outs=[OptOut((message.contact_hash,), just_before)])


def twice(evidence: Evidence) -> Evidence:
    return replace(evidence, lines=[*evidence.lines, evidence.lines[0]])


def never_taken(evidence: Evidence) -> Evidence:
    return replace(evidence, lines=evidence.lines[1:])


def gone(evidence: Evidence) -> Evidence:
    return replace(evidence, planned={**evidence.planned, 10**6: evidence.scene.clock()})


def too_late(evidence: Evidence) -> Evidence:
    return of_first(not_after=evidence.scene.clock() - timedelta(days=1))(evidence)


def told_in_a_log(evidence: Evidence) -> Evidence:
    (point, *_) = evidence.scene.rows(sa.select(contact_points).where(contact_points.c.channel == "email"))
    evidence.logs[0].write_text(f"sent to {point.address}.\n")
    return evidence


@pytest.mark.parametrize(
    ("name", "tampering"),
    [
        ("I1", opted_out_before),
        ("I2", twice),
        ("I3", of_first(state="handed")),
        ("I3", gone),
        ("I4", never_taken),
        ("I4", of_first(state="expired")),
        ("I4", of_first(provider_message_id="another")),
        ("I5", too_late),
        ("I6", of_first(state="rejected")),
        ("I8", told_in_a_log),
    ],
)
def test_it_is_seen(sqlite_scene: Scene, fake: Running, company: Crew, name: str, tampering: Tampering) -> None:
    stand = Stand(sqlite_scene, company.serve(sqlite_scene.project), fake)
    stand.crew.does("send")
    evidence = Evidence(sqlite_scene, fake.lines(), stand.planned, logs=[stand.crew.log])
    assert judge(evidence).good
    assert name in judge(tampering(evidence)).broken
