"""Is everyone who can be reached through shared addresses one household, and nobody else?"""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.store import contacts, shop
from tests.records.desk import Desk

HEAD = "customer,email,phone,country\n"


def _phone(n: int) -> str:
    return f"+44791112345{n}"


def _households(desk: Desk) -> dict[str, str]:
    rows = desk.rows(shop.customers)
    key = {row.id: row.key for row in rows}
    return {row.key: key[row.household_id] for row in rows}


def test_households_are_found_and_joined_across_imports(desk: Desk) -> None:
    desk.take(
        customers=HEAD
        + f"A,a@shop.example,,GB\nB,a@shop.example,{_phone(1)},GB\nC,c@shop.example,,GB\nD,,{_phone(2)},GB\n"
    )
    assert _households(desk) == {"A": "A", "B": "A", "C": "C", "D": "D"}
    summary = desk.take(customers=HEAD + f"E,c@shop.example,{_phone(1)},GB\n")
    assert summary.households_joined == 2
    assert _households(desk) == {"A": "A", "B": "A", "C": "A", "D": "D", "E": "A"}
    desk.take(customers=HEAD + "B,b@shop.example,,GB\n")  # an old address still ties
    assert _households(desk)["B"] == "A"


def test_a_long_chain_is_one_household(desk: Desk) -> None:
    rows = [f"K{n:02d},k{n:02d}@shop.example,{_phone(n // 2 % 10)},GB" for n in range(20)]
    rows += [f"L{n:02d},k{2 * n + 1:02d}@shop.example,{_phone((n + 1) % 10)},GB" for n in range(9)]
    desk.take(customers=HEAD + "\n".join(reversed(rows)) + "\n")
    assert len(set(_households(desk).values())) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=9))
def test_households_are_the_connected_people(quick: Desk, people: list[tuple[int, int]]) -> None:
    with quick.engine.begin() as c:
        for table in (contacts.contact_points, shop.customers):
            c.execute(table.delete())
    rows = "".join(f"C-{n},m{mail}@shop.example,{_phone(phone)},GB\n" for n, (mail, phone) in enumerate(people))
    quick.take(customers=HEAD + rows)
    groups = [{n} for n in range(len(people))]
    for a, b in itertools.combinations(range(len(people)), 2):
        if people[a][0] == people[b][0] or people[a][1] == people[b][1]:
            one = next(g for g in groups if a in g)
            other = next(g for g in groups if b in g)
            if one is not other:
                groups.remove(other)
                one |= other
    assert _households(quick) == {f"C-{n}": f"C-{min(group)}" for group in groups for n in group}
