"""What did they buy, and how did it go? 260 orders that give tonight something of everything.

Days are counted back from the night: 3 is three days before it. The night of a day knows what happened before it.
"""

from dataclasses import dataclass, replace
from random import Random
from statistics import median

from outreach.records.invented_catalogue import NEWER, OLDER_MODELS, SUNDRIES


@dataclass(frozen=True, slots=True)
class Sale:
    """One order; days before the night (smaller is later, negative is to come), None: it did not happen."""

    person: int
    placed: int
    promised: int
    shipped: int | None
    delivered: int | None
    things: tuple[str, ...]
    status: str = "delivered"
    returned: int | None = None
    late_reason: str = ""


#: How many people play which part; together 200 people and, with the second orders below, 260 orders.
IN_TIME, LATE, OVERDUE, OWNERS, ONCE_AND_QUIET, SETTLED, UNDER_WAY = 48, 14, 10, 60, 12, 30, 6
RETURNING_QUIET, RETURNING_LONG_GONE, RETURNING_NOW = 10, 4, 6
SECOND_MODEL, SECOND_TIME = 6, 4  # owners who have the newer one already; recent buyers who own an older model


def sales(draw: Random) -> list[Sale]:
    """Every order, oldest first. People are numbered from 0."""
    gaps = _gaps(draw)
    usual = median([g for each in gaps for g in each] + [400] * (SECOND_MODEL + SECOND_TIME))
    found: list[Sale] = []
    person = 0
    for make, count in (
        (_in_time, IN_TIME),
        (_late, LATE),
        (_overdue, OVERDUE),
        (_owner, OWNERS),
        (_settled, SETTLED),
        (_under_way, UNDER_WAY),
    ):
        for number in range(count):
            found += make(person, number, draw)
            person += 1
    for _ in range(ONCE_AND_QUIET):
        found.append(_went_well(person, int(2 * usual) + draw.randint(4, 24), draw))
        person += 1
    for number, own in enumerate(gaps):
        found += _returning(person, number, own, usual, draw)
        person += 1
    return sorted(found, key=lambda sale: (-sale.placed, sale.person))


def _gaps(draw: Random) -> list[list[int]]:
    """Days between the orders of each returning customer: regular, give or take two days."""
    found = []
    for number in range(RETURNING_QUIET + RETURNING_LONG_GONE + RETURNING_NOW):
        usual = draw.randint(26, 46)
        orders = 4 if number < RETURNING_QUIET else 3
        found.append([usual + draw.randint(-2, 2) for _ in range(orders - 1)])
    return found


def _returning(person: int, number: int, gaps: list[int], usual: float, draw: Random) -> list[Sale]:
    """Regulars: some just went quiet, some left long ago, some were here last week."""
    typical = (len(gaps) * median(gaps) + 2 * usual) / (len(gaps) + 2)
    if number < RETURNING_QUIET:
        silence = int(2 * typical) + draw.randint(4, 22)
    elif number < RETURNING_QUIET + RETURNING_LONG_GONE:
        silence = int(2 * typical) + draw.randint(120, 300)
    else:
        silence = draw.randint(7, 10)
    days = [silence]
    for gap in gaps:
        days.append(days[-1] + gap)
    return [_went_well(person, day, draw) for day in days]


def _went_well(person: int, placed: int, draw: Random, things: tuple[str, ...] = ()) -> Sale:
    """Ordered, shipped the next day, there before the promised day."""
    took = draw.randint(2, 4)
    return Sale(person, placed, placed - 5, placed - 1, placed - took, things or _sundries(draw))


def _in_time(person: int, number: int, draw: Random) -> list[Sale]:
    delivered = 3 + number % 8
    placed = delivered + draw.randint(2, 5)
    recent = Sale(person, placed, delivered - draw.randint(0, 2), placed - 1, delivered, _things(draw))
    if number >= SECOND_TIME:
        return [recent]
    return [_went_well(person, draw.randint(300, 700), draw, (OLDER_MODELS[number % 3],)), recent]


def _late(person: int, number: int, draw: Random) -> list[Sale]:
    delivered = 1 + number % 10
    promised = delivered + draw.randint(1, 6)
    reason = "the carrier's van broke down" if number % 5 == 0 else ""
    placed = promised + draw.randint(3, 5)
    return [Sale(person, placed, promised, placed - 2, delivered, _things(draw), late_reason=reason)]


def _overdue(person: int, number: int, draw: Random) -> list[Sale]:
    promised = 1 + number * 13 // 9
    reason = "it is held at customs" if number % 4 == 0 else ""
    things = _things(draw)
    return [Sale(person, promised + 5, promised, min(promised + 3, 13), None, things, "shipped", None, reason)]


def _owner(person: int, number: int, draw: Random) -> list[Sale]:
    """Owners of an older model, bought half a year to three years ago; some moved on, some sent it back."""
    model = OLDER_MODELS[number % 3]
    first = _went_well(person, draw.randint(200, 1000), draw, (model,))
    if number < SECOND_MODEL:
        return [first, _went_well(person, draw.randint(24, 35), draw, (NEWER[model],))]
    if number % 20 == 19:
        first = replace(first, returned=(first.delivered or 0) - 9)
    return [first]


def _settled(person: int, number: int, draw: Random) -> list[Sale]:
    """Bought some weeks ago, and all is well; now and then it had been late, long since told."""
    sale = _went_well(person, draw.randint(20, 70), draw)
    return [replace(sale, promised=sale.placed - 1) if number % 10 == 9 else sale]


def _under_way(person: int, number: int, draw: Random) -> list[Sale]:
    """Arrived yesterday, on the road, or called off."""
    if number < 2:
        return [Sale(person, 5, 0, 3, 1, _things(draw))]
    if number < 4:
        return [Sale(person, 4, -2, 2, None, _things(draw), "shipped")]
    return [Sale(person, 12, 6, None, None, _things(draw), "cancelled")]


def _sundries(draw: Random) -> tuple[str, ...]:
    return tuple(draw.sample(SUNDRIES, draw.randint(1, 2)))


def _things(draw: Random) -> tuple[str, ...]:
    """One or two things; a quarter of the orders hold a current model."""
    return (draw.choice(tuple(NEWER.values())),) if draw.random() < 0.25 else _sundries(draw)
