"""Does a newcomer's campaign need a scan, a campaign file and templates, and nothing else? As the docs tell it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.errors import Misuse
from outreach.flows.tonight import leaving, the_night
from outreach.store.engine import writing
from outreach.store.schema import decisions
from tests import builders
from tests.flows.stage import NIGHT, ROOT, Stage

PAGE = ROOT / "docs" / "adding-a-campaign.md"


def written_by_the_book(project: Path) -> list[Path]:
    """The three files of docs/adding-a-campaign.md, each under the name the page gives it."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^`((?:jobs|config|templates)/[\w/.-]+)`.*?```\w+\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    made = []
    for name, body in found:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(body)
        made.append(path)
    return made


def two_returns(stage: Stage) -> None:
    with writing(stage.app.engine) as c:
        for number, key in enumerate(("Ana", "Ben"), 1):
            who = builders.customer(c, f"C-{number}", f"{key}@example.com".lower(), first_name=key)
            placed = NIGHT - timedelta(days=40)
            back = NIGHT - timedelta(days=7 if key == "Ana" else 8)
            builders.order(c, f"O-{number}", who, placed_on=placed, lines=["a mill"], returned_on=back)


def test_three_files_make_a_campaign(bare: Stage):
    made = written_by_the_book(bare.project)
    assert [p.parts[-3 if p.suffix == ".j2" else -2] for p in made] == ["scans", "campaigns", "templates"]
    bare.rebuilt()
    two_returns(bare)
    planned = bare.night()
    (tally,) = [t for t in the_night(bare.app, planned.run_id).tallies if t.campaign == "returned_order"]
    assert (tally.state, tally.found, tally.queued, planned.problems) == ("done", 1, 1, ())
    ((row, content),) = leaving(bare.app, planned.run_id)
    assert content is not None
    assert (row.customer, row.channel, content.subject) == ("C-1", "email", "Order O-1: did your refund arrive?")
    assert "Hello Ana," in content.text
    (decided,) = bare.rows(sa.select(decisions).where(decisions.c.campaign == "returned_order"))
    assert decided.facts["scan"]["order_id"] == row.facts["order_id"]


Change = Callable[[str], str]
SLIPS: list[tuple[str, str, Change, str, tuple[int, int]]] = [
    ("unknown parameter", "OUT-611", lambda t: t.replace("from_days:", "fromdays:"), '"fromdays" is no', (6, 10)),
    ("not a number", "OUT-611", lambda t: t.replace("from_days: 10", "from_days: ten"), "not a number", (6, 10)),
    ("unknown scan", "OUT-611", lambda t: t.replace("scan: delivered", "scan: deliverd"), "no scan", (5, 7)),
    ("spend", "OUT-610", lambda t: t.replace("params:", "min_spend: 100\nparams:"), "treated the same", (6, 1)),
    ("value score", "OUT-610", lambda t: t.replace("from_days:", "lifetime_value:"), "treated the same", (6, 10)),
    ("unknown key", "OUT-602", lambda t: t.replace("kind:", "sort:"), "sort", (4, 1)),
    ("broken YAML", "OUT-602", lambda t: t.replace("[email, text]", "[email, text"), "YAML", (10, 6)),
]


@pytest.mark.parametrize(("what", "code", "change", "said", "where"), SLIPS, ids=[s[0] for s in SLIPS])
def test_a_slip_is_named_with_its_line(
    project: Path, what: str, code: str, change: Change, said: str, where: tuple[int, int]
):
    path = project / "config" / "campaigns" / "delivery_check.yaml"
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text("# a line more\n" + change(text), encoding="utf-8")
    with pytest.raises(Misuse) as refused:
        build(project)
    problem = refused.value
    assert problem.code == code
    (place,) = [f.place for f in (problem, *problem.findings) if said in f.message and f.place][-1:]
    assert (place.file, place.line, place.column) == ("config/campaigns/delivery_check.yaml", *where)


def test_a_parameter_the_scan_needs_is_asked_for(project: Path):
    scan = project / "jobs" / "scans" / "delivered_orders.py"
    scan.write_text(scan.read_text(encoding="utf-8").replace("to_days: int = 3", "to_days: int"), encoding="utf-8")
    campaign = project / "config" / "campaigns" / "delivery_check.yaml"
    campaign.write_text(campaign.read_text(encoding="utf-8").replace(", to_days: 3", ""), encoding="utf-8")
    with pytest.raises(Misuse, match='needs the parameter "to_days"') as refused:
        build(project)
    assert refused.value.code == "OUT-611"


@pytest.mark.parametrize(
    "slip", ["def scan(:", "from outreach.nowhere import thing", "NEEDS = (1,)\ndef scan(night): ..."]
)
def test_a_scan_that_cannot_be_loaded_is_named(project: Path, slip: str):
    (project / "jobs" / "scans" / "delivered_orders.py").write_text(slip, encoding="utf-8")
    with pytest.raises(Misuse, match=r"jobs/scans/delivered_orders\.py") as refused:
        build(project)
    assert refused.value.code == "OUT-612"


def test_a_scan_without_a_subject_is_refused(bare: Stage):
    made = written_by_the_book(bare.project)
    made[0].write_text(made[0].read_text(encoding="utf-8").replace('"subject_key"', '"about"'), encoding="utf-8")
    bare.rebuilt()
    with pytest.raises(Misuse, match="subject_key") as refused:
        bare.night()
    assert refused.value.code == "OUT-612"
