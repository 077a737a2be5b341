"""Does the last word per address and level stand, and does a past night know no later yes?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.core.consent import ConsentEvent, standing
from outreach.core.terms import LegalClass

NOW = datetime(2026, 3, 15, tzinfo=UTC)
SERVICE, MARKETING = LegalClass.SERVICE, LegalClass.MARKETING


def said(grant: bool, days: int, level: LegalClass = MARKETING, address: str = "ana@") -> ConsentEvent:
    """An entry `days` after the night (negative: before)."""
    return ConsentEvent(address, level, grant, NOW + timedelta(days=days))


def stands(*events: ConsentEvent) -> set[tuple[str, LegalClass]]:
    return set(standing(events, known_before=NOW))


YES = {("ana@", MARKETING)}


def test_no_word_is_a_no() -> None:
    assert stands() == set()


def test_the_last_word_stands() -> None:
    assert stands(said(True, -9)) == YES
    assert stands(said(True, -9), said(False, -5)) == set()
    assert stands(said(True, -9), said(False, -5), said(True, -1)) == YES


def test_a_yes_on_the_night_or_later_is_not_known() -> None:
    assert stands(said(True, 0)) == set()
    assert stands(ConsentEvent("ana@", MARKETING, True, NOW - timedelta(seconds=1))) == YES
    assert stands(said(False, -5), said(True, 3)) == set()


def test_a_no_counts_whenever_it_was_said() -> None:
    assert stands(said(True, -9), said(False, 3)) == set()
    assert stands(said(True, -9), said(False, 3), said(True, 4)) == set()


def test_of_two_words_at_the_same_time_the_no_stands() -> None:
    assert stands(said(True, -9), said(False, -9)) == set()
    assert stands(said(False, -9), said(True, -9)) == set()


def test_addresses_and_levels_stand_apart() -> None:
    words = [
        said(True, -9),
        said(False, -5, SERVICE),
        said(True, -9, SERVICE, "ben@"),
        said(False, -1, MARKETING, "ben@"),
    ]
    assert stands(*words) == {("ben@", SERVICE)}, "who refuses messages about orders is not sent offers either"


EVENTS = st.lists(
    st.builds(
        said,
        st.booleans(),
        st.integers(-3, 3),
        st.sampled_from(list(LegalClass)),
        st.sampled_from(["ana@", "ben@"]),
    ),
    max_size=8,
)


@given(EVENTS, st.data())
def test_the_order_of_the_ledger_does_not_matter(events: list[ConsentEvent], data: st.DataObject) -> None:
    """Rule 37."""
    assert stands(*events) == stands(*data.draw(st.permutations(events)))


@given(EVENTS, st.sampled_from(list(LegalClass)))
def test_after_a_last_no_nothing_stands(events: list[ConsentEvent], level: LegalClass) -> None:
    assert ("ana@", level) not in stands(*events, said(False, 9, level))


def test_who_later_refuses_messages_about_orders_did_not_mean_offers() -> None:
    assert stands(said(True, -9), said(False, -5, SERVICE)) == set()
    assert stands(said(True, -9), said(False, -5, SERVICE), said(True, -4)) == {("ana@", MARKETING)}
