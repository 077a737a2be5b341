"""In which time zones may this customer be?

Settled 19: the customer's own zone; else the state's zone(s); else the country's; else the shop country's.
The first is the main one. Reads no file but what `zoneinfo` reads.
"""

from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.core.zone_table import COUNTRIES, STATES

#: Names `zoneinfo` may open that say nothing about where somebody is.
_NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (row.split() for row in text.split(";"))
    return {key: tuple(zone if "/" in zone else f"America/{zone}" for zone in zones) for key, *zones in rows}


_BY_COUNTRY = _table(COUNTRIES)
_BY_STATE = _table(STATES)


@lru_cache(maxsize=4096)
def zones_for(zone: str | None, country: str | None, state: str | None, shop_country: str) -> tuple[str, ...]:
    """Every zone the customer may be in, the most populous first; never empty.

    `zone` IANA name; `country`, `shop_country` ISO 3166-1 alpha-2; `state` the country's own code (SP, or BR-SP).
    An unknown value is passed over, never an error: a record that says nonsense must not cost anyone a message.
    """
    if zone and is_zone(zone):
        return (zone,)
    here = (country or "").strip().upper()
    part = (state or "").strip().upper().removeprefix(f"{here}-")
    return _BY_STATE.get(f"{here}-{part}") or _BY_COUNTRY.get(here) or _BY_COUNTRY.get(shop_country) or ("UTC",)


@lru_cache(maxsize=4096)
def is_zone(name: str) -> bool:
    """Is `name` an IANA time zone, like Europe/London?"""
    if name in _NOT_A_PLACE:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
