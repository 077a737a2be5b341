"""Does Twilio hand over what people text? Asked of the number's settings; nothing is changed and nobody written to."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from outreach.providers.base import Verdict
from outreach.providers.http import NoAnswer, Wire, read_json
from outreach.providers.twilio_account import is_number, is_service

_SHOWN = "docs/webhooks.md shows it"


async def wired(wire: Wire, account: str, sender: str, *, pages: str) -> Sequence[Verdict]:
    """One verdict. A name cannot be answered; a messaging service's own settings are for a person to look at."""
    url = f"{pages.rstrip('/')}/twilio/inbound"
    if is_service(sender):
        said = f"texts: look whether the messaging service posts incoming messages to {url}"
        return (Verdict(True, said),)
    if not is_number(sender):
        return (Verdict(True, f'texts: nobody can answer the name "{sender}"'),)
    asked = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': sender})}"
    answer = await wire.get(asked)
    found = None if isinstance(answer, NoAnswer) or answer.status != 200 else read_json(answer)
    rows = found.get("incoming_phone_numbers") if isinstance(found, dict) else None
    mine = [row for row in rows or () if isinstance(row, dict) and row.get("phone_number") == sender]
    if not mine:
        return (Verdict(False, "texts: the number cannot be looked up", "try again: outreach doctor"),)
    return (_judged(mine[0], url),)


def _judged(row: dict[str, Any], url: str) -> Verdict:
    if str(row.get("sms_url") or "").rstrip("/") != url:
        return Verdict(False, f"texts: the number does not post incoming messages to {url}", _SHOWN)
    if str(row.get("sms_method") or "POST").upper() != "POST":
        return Verdict(False, "texts: the number asks by GET", "choose HTTP POST at Twilio")
    return Verdict(True, "texts: what people text is posted to us")
