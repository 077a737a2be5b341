"""What happens when a shop switches on what ships switched off, and what starts the campaigns no night starts?"""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from outreach.bootstrap import build
from outreach.campaigns import read_campaigns
from outreach.core.errors import Misuse
from outreach.core.terms import StartedBy
from outreach.flows.explain_why import look
from outreach.flows.readiness import checks
from outreach.flows.tonight import leaving, the_night
from outreach.store.engine import writing
from tests import builders as b
from tests.flows.stage import NIGHT, Stage

DRAWER = ("care_tip", "years_on", "parts_and_repair", "surprise", "invitation")
EVENT = 'params: {event: open day, starts_on: 2026-11-28, place: "12 Mill Lane, York", near: ["York, GB"]}\n'
TIP = ("The mesh", "Rinse it hot once a week.", "https://shop.alder.example/care/press")


def ago(days: int) -> date:
    return NIGHT - timedelta(days=days)


def switch_on(project: Path, *names: str) -> None:
    for name in names:
        path = project / "config" / "campaigns" / f"{name}.yaml"
        text, times = re.subn(r"^on: false\n", EVENT if name == "invitation" else "", path.read_text(), flags=re.M)
        assert times == 1
        path.write_text(text, encoding="utf-8")


def one_case_each(stage: Stage) -> None:
    """Five customers, and each is found by one of the five campaigns."""
    with writing(stage.app.engine) as c:
        press = b.product(c, "press", "Press 1", care=TIP)
        mill = b.product(c, "mill", "Mill 1")
        hob = b.product(c, "hob", "Hob 1", discontinued_on=ago(3), supported_until=date(2031, 12, 31))
        who = {}
        for n, name in enumerate(DRAWER):
            place = {"city": "York"} if name == "invitation" else {}
            who[name] = b.customer(c, f"C-{n}", f"c{n}@example.com", first_name=name.partition("_")[0], **place)
        b.order(c, "A-1", who["care_tip"], placed_on=ago(40), delivered_on=ago(32), lines=[press])
        b.order(c, "B-1", who["years_on"], placed_on=date(2024, 11, 12), delivered_on=date(2024, 11, 20), lines=[mill])
        b.order(c, "C-1", who["parts_and_repair"], placed_on=ago(500), delivered_on=ago(490), lines=[hob])
        for n, days in enumerate((300, 200, 25), 1):
            b.order(c, f"D-{n}", who["surprise"], placed_on=ago(days + 9), delivered_on=ago(days), lines=["a cup"])


def test_switched_on_each_writes_to_its_own(bare: Stage) -> None:
    """From the records to the words, on both databases."""
    switch_on(bare.project, *DRAWER)
    quiet = bare.project / "config" / "campaigns" / "quiet_customer.yaml"
    quiet.write_text(quiet.read_text(encoding="utf-8") + "on: false\n", encoding="utf-8")
    bare.rebuilt()
    one_case_each(bare)
    planned = bare.night()
    assert planned.problems == ()
    found = {row.campaign: (row.customer, content) for row, content in leaving(bare.app, planned.run_id)}
    said = {name: (customer, content.subject) for name, (customer, content) in found.items() if content}
    assert said == {
        "care_tip": ("C-0", "Looking after your Press 1"),
        "years_on": ("C-1", "Your Mill 1, 2 years on"),
        "parts_and_repair": ("C-2", "We no longer make the Hob 1"),
        "surprise": ("C-3", "Something extra with order D-3"),
        "invitation": ("C-4", "open day, Saturday 28 November"),
    }
    texts = {name: " ".join(content.text.split()) for name, (_, content) in found.items() if content}
    assert "The mesh Rinse it hot once a week." in texts["care_tip"]
    assert "since November 2024." in texts["years_on"]
    assert "until December 2031. To ask for a part or a repair, just reply." in texts["parts_and_repair"]
    assert "6 more months of warranty" in texts["surprise"]
    assert "- Open day - Saturday 28 November - 12 Mill Lane, York" in texts["invitation"]
    assert bare.night().fresh is False
    tomorrow = bare.night(NIGHT + timedelta(days=1))
    assert not list(leaving(bare.app, tomorrow.run_id)), "each is told once"


def test_records_that_cannot_carry_them_switch_them_off(bare: Stage) -> None:
    """The gap and its mend are named in the night and by doctor."""
    switch_on(bare.project, *DRAWER)
    bare.rebuilt()
    with writing(bare.app.engine) as c:
        who = b.customer(c, country=None)
        for n, days in enumerate((300, 200, 25), 1):
            b.order(c, f"O-{n}", who, placed_on=ago(days + 9), delivered_on=ago(days), lines=["a cup"])
    planned = bare.night()
    gaps = {t.campaign: t.gap for t in the_night(bare.app, planned.run_id).tallies if t.campaign in DRAWER}
    assert gaps == {
        "care_tip": "no order says which product of the catalogue was bought",
        "years_on": "no order says which product of the catalogue was bought",
        "parts_and_repair": "no order says which product of the catalogue was bought",
        "surprise": "only 2 times has anybody come back; people with two or more gaps of their own are looked at",
        "invitation": "no customer says in which country they live",
    }
    mended = {check.name: check.mend for check in checks(bare.app)}
    assert mended["invitation"] == "import a country column in customers.csv"
    assert mended["care_tip"].startswith("import order lines with a product column")
    with writing(bare.app.engine) as c:
        b.order(c, "O-9", who, placed_on=ago(9), lines=[b.product(c, "cup")])
    said = {check.name: check.said for check in checks(bare.app)}
    assert said["care_tip"] == "switched off: no product says how to look after it"
    assert said["parts_and_repair"].endswith("when it was discontinued and until when it is supported")


def test_no_night_starts_an_answer(bare: Stage) -> None:
    """Answers are on, and still no night, no doctor and no `why` looks for people they are for."""
    bare.rebuilt()
    one_case_each(bare)
    answers = {name for name, c in bare.app.campaigns.items() if c.started_by is StartedBy.REPLY}
    assert len(answers) == 6
    planned = bare.night()
    assert not answers & {t.campaign for t in the_night(bare.app, planned.run_id).tallies}
    assert not answers & {check.name for check in checks(bare.app)}
    assert not answers & {name for name, *_ in look(bare.app, "C-0", night=None, campaign=None).verdicts}


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("reply_received", "started_by: reply\n", "scan: delivered_orders\n", "kind: answer and started_by: reply"),
        ("reply_received", "started_by: reply", "started_by: person", "kind: answer and started_by: reply"),
        ("delivery_check", "scan: delivered_orders", "started_by: reply", "kind: answer and started_by: reply"),
        ("delivery_check", "scan: delivered_orders\n", "", "the night needs a scan"),
        ("safety_notice", "started_by: person", "started_by: person\nscan: care_tips", "so it has no scan"),
        ("safety_notice", "started_by: person", "started_by: person\nparams: {days: 3}", "so it has no scan"),
        ("safety_notice", "started_by: person", "started_by: hand", "started_by:"),
    ],
)
def test_what_starts_a_campaign_is_checked(project: Path, name: str, old: str, new: str, said: str) -> None:
    path = project / "config" / "campaigns" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misuse, match=re.escape(said)) as refused:
        read_campaigns(project)
    assert refused.value.code == "OUT-602"
    assert refused.value.place is not None
    assert refused.value.place.file == f"config/campaigns/{name}.yaml"


@pytest.mark.parametrize("text", ["just words", "- a\n- b\n", "3", "title: x\nparams: 3\n", ""])
def test_a_file_that_is_no_campaign_is_named(project: Path, text: str) -> None:
    (project / "config" / "campaigns" / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Misuse) as refused:
        read_campaigns(project)
    assert refused.value.code == "OUT-602"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", None),
        ("on: false\n", "", 'event_in_reach needs the parameter "event"'),
        ("on: false\n", EVENT, None),
        ("on: false\n", EVENT.replace("2026-11-28", "next week"), "starts_on: 'next week' is not a date"),
        ("on: false\n", EVENT.replace('["York, GB"]', "York"), "near: 'York' is not a list"),
        ("on: false\n", EVENT.replace("open day", "7"), "event: 7 is not a text"),
    ],
)
def test_an_event_is_asked_for_when_it_is_switched_on(project: Path, old: str, new: str, said: str | None) -> None:
    """In the drawer the file may wait for its event; switched on without one, nothing is decided."""
    path = project / "config" / "campaigns" / "invitation.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    if said is None:
        build(project).engine.dispose()
        return
    with pytest.raises(Misuse, match=re.escape(said)) as refused:
        build(project)
    assert refused.value.code == "OUT-611"
