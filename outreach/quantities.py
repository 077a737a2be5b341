"""How are days, shares, hours and addresses written in a configuration file? "14 days", "5%", "09:00-20:00"."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from outreach.core.shop import Hours, Price


def days(text: Any) -> int:
    """`14 days` -> 14. A bare whole number counts days too."""
    found = re.fullmatch(r"\s*(\d+)\s*(days?|nights?)?\s*", str(text))
    if not found:
        raise ValueError("say it in days, like 14 days")
    return int(found[1])


def share(text: Any) -> float:
    """`5%` -> 0.05."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", str(text))
    if not found or float(found[1]) > 50:
        raise ValueError("say it as a share of people, from 0% to 50%")
    return float(found[1]) / 100


def hours(text: Any) -> Hours:
    """`09:00-20:00` -> Hours; opens before it closes."""
    found = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)\s*", str(text))
    if not found:
        raise ValueError('say it as a window in the customer\'s own time, like "09:00-20:00"')
    opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if opens >= closes:
        raise ValueError("the window must open before it closes")
    return Hours(opens, closes)


def per_days(text: Any) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d+)\s+per\s+(\d+)\s+days?\s*", str(text))
    if not found:
        raise ValueError("say it like: 4 per 30 days")
    return int(found[1]), int(found[2])


def per_part(text: Any) -> Price | None:
    """`0.0083 USD` -> Price."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,4}(?:\.\d{1,6})?)\s+([A-Z]{3})\s*", str(text))
    if not found:
        raise ValueError('say it with its currency, like "0.0083 USD"')
    return Price(Decimal(found[1]), found[2])


def mailbox(text: Any) -> str:
    """`lee@alder.example`, as it is."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(text)):
        raise ValueError("say it as an email address, like lee@alder.example")
    return str(text)


def mobile(text: Any) -> str:
    """`+447911123456`, as it is: messages name their readers so (E.164)."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", str(text)):
        raise ValueError('say it with its country, without spaces and in quotes, like "+447911123456"')
    return str(text)


Days = Annotated[int, BeforeValidator(days)]
Share = Annotated[float, BeforeValidator(share)]
Window = Annotated[Any, BeforeValidator(hours)]
PerDays = Annotated[Any, BeforeValidator(per_days)]
PerPart = Annotated[Any, BeforeValidator(per_part)]
Mailbox = Annotated[str, BeforeValidator(mailbox)]
Mobile = Annotated[str, BeforeValidator(mobile)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Region = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="ISO 3166-1 alpha-2, or 3166-2")]
