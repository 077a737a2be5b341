"""What do deciding, and writing the decisions down, cost?"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from outreach.core.case import Rules
from outreach.core.decide import Decision, decide
from outreach.core.person import Person
from outreach.core.terms import Candidate, LegalClass, Outcome
from outreach.flows import plan
from outreach.flows.app import App, look_from
from outreach.flows.fold import Pass, fold
from outreach.store import candidates, people
from outreach.store.engine import open_engine, reading
from outreach.store.runs import Run
from tests.bench import _bare
from tests.bench._clock import NOTHING, Measured, middle, peak_mb, spent, timed, used
from tests.bench._project import beside, ready, the_run

TIMES = 5


def weigh(project: Path, _: str) -> Measured:
    """The pure decision of every candidate; beside it a loop over the same that asks nothing."""
    app = ready(project)
    run = the_run(app)
    rules, homes = plan.rules(app, run), 0
    asked, idle = [NOTHING] * TIMES, [NOTHING] * TIMES
    count = 0
    for crowd, households in _households(app, run):
        homes += len(crowd)
        for turn in range(TIMES):
            asked[turn] += used(lambda c=crowd, h=households: _decide_all(c, h, rules))  # type: ignore[misc]
            idle[turn] += used(lambda h=households: _decide_nothing(h))  # type: ignore[misc]
        count += sum(len(found) for found in households)
    return Measured(middle(asked), count, peak_mb(), middle(idle), {"customers": homes})


def _households(app: App, run: Run) -> Iterator[tuple[dict[int, Person], list[list[Candidate]]]]:
    chosen, after = candidates.chosen(list(app.campaigns)), 0
    at = look_from(app, run.night, run.mode)
    while True:
        with reading(app.engine) as c:
            found = candidates.chunk(c, run.id, chosen, after=after, size=1_000)
            if not found:
                return
            crowd = people.load(c, sorted({f.customer_id for f in found}), at)

        def home(candidate: Candidate, known: dict[int, Person] = crowd) -> int:
            return known[candidate.customer_id].household_id

        after = max(person.household_id for person in crowd.values())
        yield crowd, [list(group) for _, group in itertools.groupby(sorted(found, key=home), key=home)]


def _decide_all(crowd: dict[int, Person], households: Sequence[list[Candidate]], rules: Rules) -> int:
    made = 0
    for found in households:
        made += len(decide({f.customer_id: crowd[f.customer_id] for f in found}, found, rules))
    return made


def _decide_nothing(households: Sequence[list[Candidate]]) -> list[Decision]:
    return [Decision(f, Outcome.SEND, LegalClass.SERVICE) for found in households for f in found]


def plan_all(project: Path, bare_url: str) -> Measured:
    """Candidates to decisions and planned messages; beside it executemany of equal rows into an equal database."""
    app = ready(project)
    run = the_run(app)
    chosen = candidates.chosen(list(app.campaigns))
    measured = timed(lambda: fold(app, Pass(run, chosen, plan.rules(app, run))))
    equal, twin = _bare.planned_rows(app.engine), open_engine(bare_url)
    assert fold(app, Pass(run, chosen, plan.rules(app, run))) == 0
    bare = spent(lambda: _bare.write_plan(twin, equal))
    return beside(measured, bare, messages=len(equal["outbox"][1]))
