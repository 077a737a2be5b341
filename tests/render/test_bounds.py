"""How much can one template and one customer's facts cost at most? Counted, not timed (decision 17)."""

from typing import Any

import pytest

from outreach.core.terms import Campaign, Channel
from outreach.render.contexts import LONGEST_NAME, MOST_LETTERS, MOST_LISTED, person_name
from outreach.render.environment import MOST_WRITTEN, joined
from outreach.render.grammar import MOST_LOOPED
from outreach.render.links import Links
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.stationery import Stationery
from outreach.render.template import Template
from tests.render.test_message import made, written


def order_of(person: AwkwardPerson, campaigns: dict[str, Campaign], **parts: Any) -> dict[str, Any]:
    return {**person.facts(campaigns["delivery_check"])["order"], **parts}


@pytest.fixture(scope="module")
def loops(paper: Stationery, campaigns: dict[str, Campaign]) -> Template:
    """As many values in a loop as there may be."""
    return made(
        "{% for i in order.items %}" + "{{ i.name }}" * (MOST_LOOPED - 1) + "{% endfor %}",
        paper,
        campaigns,
        channel=Channel.TEXT,
    )


def test_the_longest_list_with_the_most_values_is_cut_off_while_it_is_written(
    loops: Template, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    person = everyone["capitals"]
    items = [{"name": "x" * MOST_LETTERS, "quantity": 1}] * MOST_LISTED
    with pytest.raises(RenderProblem, match="would be longer than") as caught:
        written(loops, person, campaigns, links, order=order_of(person, campaigns, items=items))
    assert caught.value.code == "OUT-119"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([{"name": "a", "quantity": 1}] * (MOST_LISTED + 1), "a list of 201"),
        ([{"name": "a" * (MOST_LETTERS + 1), "quantity": 1}], "4,001 letters"),
    ],
)
def test_facts_have_a_size(
    items: list[Any],
    said: str,
    loops: Template,
    campaigns: dict[str, Campaign],
    everyone: dict[str, AwkwardPerson],
    links: Links,
) -> None:
    person = everyone["capitals"]
    with pytest.raises(RenderProblem, match=said) as caught:
        written(loops, person, campaigns, links, order=order_of(person, campaigns, items=items))
    assert caught.value.code == "OUT-117"


def test_a_name_has_a_size() -> None:
    assert person_name("a" * LONGEST_NAME) == "a" * LONGEST_NAME
    assert person_name("a" * (LONGEST_NAME + 1)) is None


def test_writing_stops_and_does_not_collect_the_rest() -> None:
    asked = 0

    def pieces() -> Any:
        nonlocal asked
        while True:
            asked += 1
            yield "x" * 1000

    with pytest.raises(RenderProblem):
        joined(pieces())
    assert asked < 2 * MOST_WRITTEN / 1000


def test_a_list_written_out_has_a_size(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    person = everyone["capitals"]
    items = [{"name": "x" * 50, "quantity": 1}] * MOST_LISTED
    whole = made("{{ order.items | names | or('x') }}", paper, campaigns, channel=Channel.TEXT)
    with pytest.raises(RenderProblem, match="a list would be 10,000 letters long"):
        written(whole, person, campaigns, links, order=order_of(person, campaigns, items=items))
    some = made("{{ order.items | names(2) | or('x') }}", paper, campaigns, channel=Channel.TEXT)
    content = written(some, person, campaigns, links, order=order_of(person, campaigns, items=items))
    assert "and 198 more" in content.text
