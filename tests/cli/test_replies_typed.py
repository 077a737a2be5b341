"""Does a person at a keyboard see who waits, answer, and close, without ever seeing a whole address?"""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.store.engine import writing
from outreach.store.inbox_schema import conversations
from tests import builders
from tests.cli.screens import Type, typed
from tests.flows.stage import NIGHT, Stage
from tests.flows.writing_back import ANA, BEN, Pen, talks


@pytest.fixture
def shop(bare: Stage) -> Stage:
    """Ana's lid is cracked, Ben wants an invoice, and a stranger asks for repairs; nothing was answered."""
    with writing(bare.app.engine) as c:
        ana = builders.customer(c, "C-1", None, ANA, consent=("text",), last_name="Reed")
        builders.customer(c, "C-2", None, BEN, consent=("text",), first_name="Ben", last_name="Ode")
        days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
        builders.order(c, "O-1", ana, delivered_on=NIGHT.replace(day=7), lines=["beans"], **days)
    bare.night()
    bare.hand_over()
    pen = Pen(bare.app)
    pen.text("3 the lid is cracked", by=ANA)
    pen.text("Can I have an invoice?", by=BEN)
    pen.mail("Do you repair\x1b[31m grinders?", by="nobody@example.net")
    return bare


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], shop: Stage) -> Type:
    return typed(capsys, shop.project)


def moved(shop: Stage, name: str, **by: timedelta) -> None:
    """As if this conversation were so much older."""
    number = int(name[2:])
    (row,) = [talk for talk in talks(shop.app) if talk.id == number]
    values: dict[str, datetime] = {column: getattr(row, column) - gap for column, gap in by.items()}
    shop.change(sa.update(conversations).where(conversations.c.id == number).values(values))


def test_the_longest_waiting_stands_first_and_addresses_are_masked(shop: Stage, here: Type):
    moved(shop, "r-2", opened_at=timedelta(hours=11), answer_by=timedelta(days=9))
    said = here("replies")
    assert said.out.startswith("3 replies wait for a person, the oldest for 11 hours.\n! 1 past the hour we promised.")
    assert [said.out.index(name) for name in ("r-2", "r-1", "r-3")] == sorted(
        said.out.index(name) for name in ("r-1", "r-2", "r-3")
    )
    assert "wrong or damaged  C-1 Ana R, phone ending 0123" in said.out
    assert "a stranger, by email" in said.out
    assert not any(address in said.out for address in (ANA, BEN, "nobody@example.net", "\x1b"))


@pytest.mark.parametrize(
    ("option", "names"),
    [("--open", ["r-1", "r-3"]), ("--damaged", ["r-1"]), ("--late", ["r-3"]), ("--mine", ["r-2"])],
)
def test_every_option_narrows(shop: Stage, here: Type, option: str, names: list[str]):
    moved(shop, "r-3", answer_by=timedelta(days=9))
    here("replies", "take", "r-2")
    here("replies", "reply", "r-2", "--text", "Here it is.")
    assert sorted(row["id"] for row in here("replies", option, "--json").document["listed"]) == names


def test_from_the_first_look_to_the_end(shop: Stage, here: Type):
    shown = here("replies", "show", "r-1")
    assert "they, by text" in shown.out
    assert "3 the lid is cracked" in shown.out
    assert here("replies", "take", "r-1").out.startswith("r-1 is yours.")
    said = here("replies", "reply", "r-1", "--text", "Hello Ana,\n\na new lid leaves today.")
    assert "Queued as m-" in said.out
    assert here("replies", "close", "r-1", "--did", "sent a lid").code == 2
    done = here("replies", "close", "r-1", "--did", "sent a lid", "--change", "more paper")
    assert done.out.startswith("r-1 is closed. Campaigns may write to C-1 again.")
    assert "closed" in here("replies", "show", "r-1").out
    assert [row["id"] for row in here("replies", "--json").document["listed"]] == ["r-2", "r-3"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("replies show", "OUT-600"),
        ("replies forget r-1", "OUT-600"),
        ("replies show r-99", "OUT-520"),
        ("replies reply r-3 --text Hello", "OUT-524"),
        ("replies reply r-1 --text=", "OUT-523"),
        ("replies close r-1", "OUT-522"),
    ],
)
def test_what_cannot_be_done_says_how_it_can(here: Type, words: str, code: str):
    said = here(*words.split(" "))
    assert (said.code, f"error[{code}]" in said.err, "Traceback" in said.err) == (2, True, False)
    assert "help:" in said.err or "show ID" in said.err


def test_nobody_waits(capsys: pytest.CaptureFixture[str], bare: Stage):
    said = typed(capsys, bare.project)("replies")
    assert (said.code, said.out.splitlines()[0]) == (0, "Nobody waits for an answer.")


def test_a_night_and_its_report_say_what_needs_a_person(shop: Stage, here: Type):
    moved(shop, "r-1", opened_at=timedelta(hours=11))
    night = here("nightly", "--night", NIGHT, "--dry-run")
    assert "  Needs you\n    3 replies, the oldest has waited 11 hours   outreach replies" in night.out
    report = here("report")
    assert "    3 replies, the oldest has waited 11 hours   outreach replies" in report.out
    assert "    1 wrong, damaged or missing   outreach replies --damaged" in report.out
    assert "ANSWERS since the night before   wrong or damaged 1, 3 letters for a person" in report.out


def test_promised_answers_are_counted_kept_and_missed(shop: Stage, here: Type):
    """One answered in time, one closed too late without an answer, one open past its hour: 1 of 3."""
    here("replies", "reply", "r-1", "--text", "A new lid leaves today.")
    for name in ("r-2", "r-3"):
        moved(shop, name, answer_by=timedelta(days=9))
    here("replies", "close", "r-2", "--did", "called", "--change", "an invoice in each parcel")
    report = here("report")
    assert "answered when promised 33.3 % 1 of 3" in [" ".join(line.split()) for line in report.out.splitlines()]
    assert here("report", "--json").document["answered_when_promised"] == {"kept": 1, "of": 3, "days": 30}
