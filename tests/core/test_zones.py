"""Is every customer somewhere, and the doubtful ones everywhere they may be?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from outreach.core.zone_table import COUNTRIES, STATES
from outreach.core.zones import is_zone, zones_for


def test_every_zone_of_the_tables_exists():
    for text in (COUNTRIES, STATES):
        for row in text.split(";"):
            key, *zones = row.split()
            assert zones, key
            country, _, state = key.partition("-")
            for zone in zones_for(None, country, state or None, "GB"):
                ZoneInfo(zone)


def test_the_countries_are_those_of_iso_3166():
    assert len({row.split()[0] for row in COUNTRIES.split(";")}) == 249 + 1  # and Kosovo


@pytest.mark.parametrize(("country", "count"), [("US", 50 + 1 + 5), ("CA", 13), ("BR", 27), ("AU", 8), ("MX", 33)])
def test_every_state_is_there(country: str, count: int):
    assert sum(row.split()[0].startswith(f"{country}-") for row in STATES.split(";")) == count


@pytest.mark.parametrize(
    ("zone", "country", "state", "expected"),
    [
        ("Asia/Tokyo", "US", "FL", ("Asia/Tokyo",)),
        ("Mars/Olympus", "GB", None, ("Europe/London",)),
        ("America", "GB", None, ("Europe/London",)),
        ("../etc/passwd", "GB", None, ("Europe/London",)),
        ("localtime", "GB", None, ("Europe/London",)),
        (None, "US", "FL", ("America/New_York", "America/Chicago")),
        (None, "US", "us-tn ", ("America/Chicago", "America/New_York")),
        (None, "br", "SP", ("America/Sao_Paulo",)),
        (None, "BR", "PE", ("America/Recife", "America/Noronha")),
        (None, "US", "IN", ("America/Indiana/Indianapolis", "America/Chicago")),
        (None, "DE", "BY", ("Europe/Berlin",)),
        (None, "ZZ", None, ("Europe/London",)),
        (None, None, "FL", ("Europe/London",)),
        ("", "", "", ("Europe/London",)),
    ],
)
def test_the_nearest_thing_known(zone: str | None, country: str | None, state: str | None, expected: tuple[str, ...]):
    assert zones_for(zone, country, state, "GB") == expected


@pytest.mark.parametrize(
    ("country", "main"),
    [
        ("US", "America/New_York"),
        ("CA", "America/Toronto"),
        ("BR", "America/Sao_Paulo"),
        ("AU", "Australia/Sydney"),
        ("RU", "Europe/Moscow"),
        ("MX", "America/Mexico_City"),
        ("PT", "Europe/Lisbon"),
        ("ES", "Europe/Madrid"),
        ("ID", "Asia/Jakarta"),
    ],
)
def test_the_main_zone_stands_first(country: str, main: str):
    assert zones_for(None, country, None, "GB")[0] == main


def test_an_unknown_state_may_be_anywhere_in_the_country():
    assert zones_for(None, "US", "??", "GB") == zones_for(None, "US", None, "GB")
    assert {"America/New_York", "America/Phoenix", "Pacific/Honolulu"} <= set(zones_for(None, "US", None, "GB"))


def test_a_states_zones_are_among_the_times_its_country_keeps():
    """What a state says and what its country says may not contradict each other, summer and winter."""
    for row in STATES.split(";"):
        country, state = row.split()[0].split("-")
        if state in ("PR", "VI", "GU", "MP", "AS") and country == "US":
            continue  # ISO 3166-1 gives these countries of their own
        for month in (1, 7):
            moment = datetime(2027, month, 10, tzinfo=UTC)
            whole = {moment.astimezone(ZoneInfo(z)).utcoffset() for z in zones_for(None, country, None, "GB")}
            part = {moment.astimezone(ZoneInfo(z)).utcoffset() for z in zones_for(None, country, state, "GB")}
            assert part <= whole, row


def test_names_that_are_not_places_are_no_zones():
    assert is_zone("Europe/London")
    assert not any(is_zone(n) for n in ("Factory", "posixrules", "Europe", "Europe/", "", "\0", "Europe/Lóndon"))
