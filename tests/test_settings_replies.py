"""Is `replies:` of config/outreach.yaml read as it is meant, and is every slip named by line and column?"""

from datetime import date, time
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.core.shop import Replies
from outreach.render import folded
from outreach.settings import FILE, read_house
from outreach.settings_replies import LONGEST_BOX


def written(project: Path, section: str) -> Path:
    """The shipped configuration with this `replies:`."""
    path = project / FILE
    before, _, after = path.read_text(encoding="utf-8").partition("replies:\n")
    rest = [line for line in after.splitlines(keepends=True) if not line.startswith("  ")]
    path.write_text(before + section + "".join(rest), encoding="utf-8")
    return project


def test_shipped_and_left_out_mean_the_same(project: Path):
    usual = Replies(forward_to="mara@alder.example")
    assert read_house(project).replies == usual
    assert read_house(written(project, "")).replies == usual


def test_all_of_it(project: Path):
    section = """replies:
  address: hello@reply.alder.example
  forward_to: shop@alder.example
  answer_within: 2 working days
  working_days: sun-thu
  day_ends: 16:30
  closed_on: [2026-12-25]
"""
    assert read_house(written(project, section)).replies == Replies(
        "hello@reply.alder.example",
        "shop@alder.example",
        2,
        (0, 1, 2, 3, 6),
        time(16, 30),
        frozenset({date(2026, 12, 25)}),
    )


@pytest.mark.parametrize(
    ("days", "read"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat", (5,)),
        ("Tue-Thu, sat", (1, 2, 3, 5)),
        ("fri-mon", (0, 4, 5, 6)),
        ("mon-sun", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_of_the_week(project: Path, days: str, read: tuple[int, ...]):
    assert read_house(written(project, f'replies: {{working_days: "{days}"}}\n')).replies.working_days == read


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("address: hello+shop@reply.alder.example", "without a plus"),
        ("address: nobody", "without a plus"),
        (f"address: {'a' * 19}@reply.alder.example", "at most 18 characters"),
        ("forward_to: mara", "like lee@alder.example"),
        ("answer_within: 1 day", "in working days"),
        ("answer_within: 0 working days", "from 1 to 20"),
        ("working_days: weekdays", "days of the week"),
        ('working_days: ""', "days of the week"),
        ('day_ends: "24:00"', "a time of day"),
        ("closed_on: [christmas]", "closed_on"),
        ("answer_in: 1 working day", "is not a key we have"),
    ],
)
def test_every_slip_has_its_place(project: Path, line: str, said: str):
    with pytest.raises(Misuse, match=said) as problem:
        read_house(written(project, f"replies:\n  {line}\n"))
    place = problem.value.place
    assert place is not None
    assert (problem.value.code, place.file, place.text) == ("OUT-601", FILE, f"  {line}")


def test_a_name_that_passes_leaves_room_for_the_token():
    assert LONGEST_BOX == folded.LONGEST_NAME
