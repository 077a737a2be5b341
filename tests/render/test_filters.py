"""Does each filter write what a person would, and pass on what is missing?"""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from outreach.core.terms import Channel, Money
from outreach.render import formats
from outreach.render.filters import SPECS, Voice, plain, table

DAY = date(2026, 11, 12)


def ours(locale: str = "en_GB", channel: Channel = Channel.EMAIL) -> dict[str, object]:
    return dict(table(Voice(locale, channel, "{n} more")))


@pytest.mark.parametrize(
    ("locale", "name", "value", "shown"),
    [
        ("en_GB", "date", DAY, "12 November 2026"),
        ("en_GB", "day", DAY, "Thursday 12 November"),
        ("en_GB", "month", DAY, "November 2026"),
        ("en_GB", "short_day", DAY, "12 Nov"),
        ("pt_BR", "date", DAY, "12 de novembro de 2026"),
        ("pt_BR", "day", DAY, "quinta-feira, 12 de novembro"),
        ("pt_BR", "short_day", DAY, "12 de nov."),
        ("de_DE", "day", DAY, "Donnerstag, 12. November"),
        ("en_GB", "money", Money(8900, "EUR"), "€89.00"),
        ("en_GB", "money", Money(8900, "JPY"), "JP¥8,900"),
        ("de_DE", "money", Money(8900, "EUR"), "89,00\u00a0€"),
        ("en_GB", "number", 1204, "1,204"),
        ("en_GB", "percent", 0.12, "12%"),
        ("en_GB", "ordinal", 3, "3rd"),
        ("en_GB", "ordinal", 11, "11th"),
        ("pt_BR", "ordinal", 3, "3.º"),
        ("fr_FR", "ordinal", 1, "1er"),
        ("en_GB", "upper_first", "your order", "Your order"),
    ],
)
def test_written_as_people_write(locale: str, name: str, value: object, shown: str) -> None:
    assert ours(locale)[name](value) == shown  # type: ignore[operator]


def test_missing_passes_through_every_filter() -> None:
    context = {"today": DAY, "_zone": "Europe/London"}
    for name, filter_ in ours().items():
        if name == "or":
            continue
        arguments = [context] if name in ("ago", "span", "time") else []
        words = {"link": ["x"]}.get(name, [])
        assert filter_(*arguments, None, *words) is None, name  # type: ignore[operator]
    assert ours()["or"](None, "there") == "there"  # type: ignore[operator]
    assert ours()["or"]("Ana", "there") == "Ana"  # type: ignore[operator]
    assert set(ours()) == set(SPECS)


def test_no_wide_spaces_in_texts() -> None:
    money = ours("fr_FR", Channel.TEXT)["money"](Money(123456, "EUR"))  # type: ignore[operator]
    assert money == "1 234,56 €"


def test_lists_plurals_and_lengths() -> None:
    names = ours()["names"]
    words = ["a", "b", "c", "d"]
    assert names(words, 3) == "a, b, c and 1 more"  # type: ignore[operator]
    assert names([SimpleNamespace(name="Mill 3"), SimpleNamespace(name="Hob 2")]) == "Mill 3 and Hob 2"  # type: ignore[operator]
    assert names([]) is None  # type: ignore[operator]
    plural = ours()["plural"]
    assert plural(1, one="1 day", other="{n} days") == "1 day"  # type: ignore[operator]
    assert plural(1200, one="1 day", other="{n} days") == "1,200 days"  # type: ignore[operator]
    assert formats.plural_forms("ar") == {"zero", "one", "two", "few", "many", "other"}
    context = {"today": DAY, "_zone": "America/New_York"}
    assert ours()["ago"](context, date(2026, 11, 9)) == "3 days ago"  # type: ignore[operator]
    assert ours()["span"](context, 31) == "31 days"  # type: ignore[operator]
    assert ours()["span"](context, date(2024, 3, 9)) == "2 years"  # type: ignore[operator]
    assert ours("pt_BR")["span"](context, 31) == "31 dias"  # type: ignore[operator]
    at = datetime(2026, 11, 12, 22, 0, tzinfo=UTC)
    assert ours()["time"](context, at) == "17:00"  # type: ignore[operator]


def test_plain_keeps_other_scripts() -> None:
    assert plain("Olá, açaí à mão “ß” ’") == 'Ola, acai a mao "ss" \''
    assert plain("ليلى") == "ليلى"


def test_locales() -> None:
    assert formats.locale_of("en", "GB") == "en_GB"
    assert formats.locale_of("en", "US") == "en_US"
    assert formats.locale_of("en", "BR") == "en_GB"
    assert formats.locale_of("pt-BR", "GB") == "pt_BR"
    assert formats.is_right_to_left("ar")
    assert not formats.is_right_to_left("pt-BR")


@pytest.mark.parametrize("locale", ["fr_FR", "en_US", "es_ES", "pl_PL", "de_DE", "pt_BR", "ar", "hi_IN"])
def test_no_filter_writes_a_wide_space_in_a_text(locale: str) -> None:
    made, context = ours(locale, Channel.TEXT), {"today": DAY, "_zone": "America/New_York"}
    forms = dict.fromkeys(("zero", "one", "two", "few", "many", "other"), "{n} x")
    moment = datetime(2026, 11, 12, 22, 30, tzinfo=UTC)
    written = [
        made["money"](Money(123456789, "EUR")),  # type: ignore[operator]
        made["number"](1234567),  # type: ignore[operator]
        made["percent"](0.5),  # type: ignore[operator]
        made["plural"](1234567, **forms),  # type: ignore[operator]
        made["time"](context, moment),  # type: ignore[operator]
        made["time"](context, moment.replace(minute=0)),  # type: ignore[operator]
        made["ago"](context, date(2020, 1, 1)),  # type: ignore[operator]
        made["span"](context, 900),  # type: ignore[operator]
        made["names"](["a", "b", "c"], 1),  # type: ignore[operator]
        *(made[name](DAY) for name in ("date", "day", "month", "short_day")),  # type: ignore[operator]
    ]
    assert not {"\u00a0", "\u202f"} & set("".join(written))


def test_whole_hours_are_said_as_people_say_them() -> None:
    context = {"today": DAY, "_zone": "Europe/London"}
    at = datetime(2026, 11, 12, 17, 0, tzinfo=UTC)
    assert ours("en_US")["time"](context, at) == "5\u202fPM".replace("\u202f", " ")  # type: ignore[operator]
    assert ours("en_US", Channel.TEXT)["time"](context, at.replace(minute=30)) == "5:30 PM"  # type: ignore[operator]
    assert ours("de_DE")["time"](context, at) == "17:00"  # type: ignore[operator]
