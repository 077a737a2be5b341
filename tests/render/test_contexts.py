"""Are facts shaped once where they come in again, and never mistaken for others?"""

from typing import Any

from outreach.core.terms import FactType
from outreach.render.contexts import Shaper
from outreach.render.variables import Schema

SCHEMA = Schema({"model": FactType("model")}, {"model": {"name": FactType("text"), "year": FactType("number")}})


def test_the_same_facts_are_one_record() -> None:
    shaper, facts = Shaper(SCHEMA), {"name": "Mill 3", "year": 2026}
    assert shaper.shape("model", facts) is shaper.shape("model", facts)
    assert shaper.shape("model", dict(facts)) is not shaper.shape("model", facts), "another person's are their own"


def test_facts_that_took_the_place_of_others_are_read_anew() -> None:
    shaper = Shaper(SCHEMA)

    def named(i: int) -> Any:  # each dict is gone before the next is made: Python gives it the same place
        return shaper.shape("model", {"name": f"Mill {i}", "year": i}).name

    assert [named(i) for i in range(3_000)] == [f"Mill {i}" for i in range(3_000)]
