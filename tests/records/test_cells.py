"""Is each cell read as the shop meant it, and refused when nobody can know?"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.terms import Money
from outreach.records import amounts, moments, reach, words
from outreach.records.mapping import DateOrder, Decimal
from tests.records.desk import utc

LONDON, NEW_YORK, SAO_PAULO = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("text", "order", "on", "at"),
    [
        ("2026-03-04", None, date(2026, 3, 4), None),
        ("20260304", None, date(2026, 3, 4), None),
        ("2026/3/4", None, date(2026, 3, 4), None),
        ("31/01/2026", None, date(2026, 1, 31), None),
        ("01/31/2026", None, date(2026, 1, 31), None),
        ("03.04.2026", "day-first", date(2026, 4, 3), None),
        ("3/4/2026", "month-first", date(2026, 3, 4), None),
        ("2026-07-01 23:30:00", None, date(2026, 7, 1), utc(2026, 7, 1, 22, 30)),
        ("2026-07-01T23:30:00Z", None, date(2026, 7, 2), utc(2026, 7, 1, 23, 30)),
        ("2025-05-11 23:55:16 -0400", None, date(2025, 5, 12), utc(2025, 5, 12, 3, 55, 16)),
        ("9/6/2016  6:29:00", "month-first", date(2016, 9, 6), utc(2016, 9, 6, 5, 29)),
        ("12/31/2016 12:05 AM", None, date(2016, 12, 31), utc(2016, 12, 31, 0, 5)),
        ("2021-01-02 00:00:00 UTC", None, date(2021, 1, 2), utc(2021, 1, 2)),
    ],
)
def test_dates_and_times(text: str, order: DateOrder | None, on: date, at: datetime | None) -> None:
    assert moments.moment(text, LONDON, order) == (on, at)


@pytest.mark.parametrize(
    "text", ["31/02/2026", "2026-02-30", "03/04/2026", "1/2/26", "soon", "2026-13-01", "0026-01-01"]
)
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(moments.NotADate):
        moments.moment(text, LONDON, None)


def test_an_hour_that_is_skipped_or_occurs_twice() -> None:
    skipped = moments.moment("2026-03-29 01:30:00", LONDON, None)
    assert skipped == (date(2026, 3, 29), utc(2026, 3, 29, 1, 30))
    twice = moments.moment("2026-10-25 01:30:00", LONDON, None)
    assert twice == (date(2026, 10, 25), utc(2026, 10, 25, 0, 30))
    no_midnight = moments.moment("2018-11-04 00:10:00", SAO_PAULO, None)
    assert no_midnight == (date(2018, 11, 4), utc(2018, 11, 4, 3, 10))


def test_a_promise_at_midnight_is_its_day_as_written() -> None:
    for text in ("2026-03-05 00:00:00", "2026-03-05T00:00:00Z", "2026-03-05"):
        assert moments.moment(text, NEW_YORK, None, promise=True) == (date(2026, 3, 5), None)
    assert moments.moment("2026-03-05T00:00:00Z", NEW_YORK, None).on == date(2026, 3, 4)
    assert moments.moment("2026-03-05T01:00:00Z", NEW_YORK, None, promise=True).on == date(2026, 3, 4)


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_naive_time_keeps_its_written_day(when: datetime) -> None:
    assert moments.moment(when.isoformat(" ", "minutes"), NEW_YORK, None).on == when.date()


@pytest.mark.parametrize(
    ("text", "currency", "decimal", "minor"),
    [
        ("12.5", "EUR", "point", 1250),
        ("1,234.50", "EUR", "point", 123450),
        ("1.234,50", "EUR", "comma", 123450),
        ("R$ 1.234,50", "BRL", "comma", 123450),
        ("1 234,5 €", "EUR", "comma", 123450),
        ("1'234.50", "CHF", "point", 123450),
        ("885.00", "JPY", "point", 885),
        ("1.234", "KWD", "point", 1234),
        ("-3.00", "USD", "point", -300),
        ("1,23,456.00", "INR", "point", 12345600),
    ],
)
def test_amounts(text: str, currency: str, decimal: Decimal, minor: int) -> None:
    assert amounts.amount(text, currency, decimal) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("12,5o", "EUR"), ("12.345", "EUR"), ("1.5", "JPY"), ("", "EUR"), ("1,2,3", "EUR"), ("12,5", "EUR")],
)
def test_what_is_not_an_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(amounts.NotAnAmount):
        amounts.amount(text, currency, "point")


def test_what_an_amount_says_of_its_column() -> None:
    assert amounts.evidence("12,50") == "comma"
    assert amounts.evidence("1.234.567") == "comma"
    assert amounts.evidence("0.500") == "point"
    assert amounts.evidence("1.234") is None
    assert amounts.evidence("1234") is True


def test_countries_languages_and_yes() -> None:
    named = {"Germany": "DE", "USA": "US", "uk": "GB", "Brazil": "BR", "Brasil": "BR", "de": "DE", "NA": "NA"}
    assert {name: words.country(name) for name in named} == named
    assert [words.language(t) for t in ("pt_br", "EN", "zh-hant-tw", "German", "en_US.UTF-8")] == [
        "pt-BR", "en", "zh-Hant-TW", "de", "en-US",
    ]  # fmt: skip
    assert [words.yes_no(t) for t in ("Sim", "não", "oui", "NEIN", "1", "0", "True")] == [1, 0, 1, 0, 1, 0, 1]
    assert [words.in_stock(t) for t in ("12", "0", "in stock", "no", "3.0")] == [True, False, True, False, True]
    assert [words.state(text, "US") for text in ("US-CA", "ca", " ")] == ["CA", "CA", None]
    assert words.state("California", "US") == "California"
    for read, text in ((words.country, "Freedonia"), (words.language, "Klingonish"), (words.yes_no, "perhaps")):
        with pytest.raises(words.NotAWord):
            read(text)


def test_names_lose_what_hides_in_them_and_nothing_else() -> None:
    assert words.clean("A\u202eb\x00 c\nd") == "Ab c d"
    assert words.person_name("O'Neil-Ñandú") == "O'Neil-Ñandú"
    assert words.person_name("-") is None
    assert words.person_name("Null") == "Null"


def test_addresses_have_one_spelling() -> None:
    assert reach.email(" Ana.Reed+x@Shop.Example.COM ") == "ana.reed+x@shop.example.com"
    assert reach.email("ana@xn--bcher-kva.example") == reach.email("ana@bücher.example")
    assert reach.phone("+55 21 97186-8032", "GB") == "+5521971868032"
    assert reach.phone("020 7946 0018", "GB") == "+442079460018"


@pytest.mark.parametrize(
    "text", ["ana", "ana@", "a b@c.example", "ana@@c.example", "Ana <a@c.example>", "a..b@c.example", "a@c"]
)
def test_what_is_no_email_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(reach.NotReachable) as problem:
        reach.email(text)
    assert len(str(problem.value)) <= 1


@pytest.mark.parametrize("text", ["123", "phone", "+1 999 999", "+12025550130;ext=5"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(reach.NotReachable):
        reach.phone(text, "US")
