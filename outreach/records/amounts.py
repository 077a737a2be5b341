"""How much is it? Amounts as shops write them, in the smallest unit of their currency (ISO 4217 digits)."""

import re

from outreach.core.terms import Money
from outreach.records.mapping import Decimal

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_DRESSING = re.compile(r"^(?:[A-Z]{3}|R\$|[$€£¥₹₩₽₺złkr.]{1,3})?\s*|\s*(?:[A-Z]{3}|[$€£¥₹₩₽₺]|zł|kr)?$")
_SPACES = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
#: Countries that write 1,234.50; everywhere else we take 1.234,50 (CLDR).
_POINT_COUNTRIES = (
    "US GB IE CA AU NZ IN JP CN KR TH SG HK TW MY PH MX IL PK BD LK NG KE GH ZW BW UG TZ MT CH LI DO GT HN NI PA PR "
    "SV AE SA EG KW"
)


class NotAnAmount(ValueError):
    """The text is not an amount of that currency."""


def digits(currency: str) -> int:
    """How many decimals the currency's smallest unit stands for."""
    return _DIGITS.get(currency, 2)


def usual_decimal(country: str) -> Decimal:
    """How the country writes the decimal sign."""
    return "point" if country in _POINT_COUNTRIES.split() else "comma"


def amount(text: str, currency: str, decimal: Decimal) -> Money:
    """Read `1,234.50`, `R$ 1.234,50`, `1 234,5`. Raises NotAnAmount, also for more decimals than the currency has."""
    bare = _bare(text)
    grouping, sign = (",", ".") if decimal == "point" else (".", ",")
    whole, _, part = bare.partition(sign)
    if grouping in whole and not re.fullmatch(r"-?\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}", whole):
        raise NotAnAmount(text)
    plain = whole.replace(grouping, "") + (f".{part}" if part else "")
    places = digits(currency)
    if not _PLAIN.fullmatch(plain) or len(part.rstrip("0")) > places:
        raise NotAnAmount(text)
    number, _, fraction = plain.partition(".")
    minor = int(number + fraction[:places].ljust(places, "0"))
    if abs(minor) >= 1 << 62:
        raise NotAnAmount(text)
    return Money(minor, currency)


def evidence(text: str) -> Decimal | bool | None:
    """What one value says of its column: a sign, None when it can be read both ways, True when it says nothing."""
    bare = _bare(text)
    point, comma = bare.rfind("."), bare.rfind(",")
    if point < 0 and comma < 0:
        return True
    if point >= 0 and comma >= 0:
        return "point" if point > comma else "comma"
    mark, at = (".", point) if point >= 0 else (",", comma)
    is_decimal: Decimal = "point" if mark == "." else "comma"
    if bare.count(mark) > 1:
        return "comma" if mark == "." else "point"
    whole, tail = bare[:at].lstrip("-"), bare[at + 1 :]
    if not whole.isdigit() or not tail.isdigit():
        return True
    if len(tail) != 3 or whole == "0" or len(whole) > 3:
        return is_decimal
    return None


def _bare(text: str) -> str:
    return _SPACES.sub("", _DRESSING.sub("", text.strip()))
