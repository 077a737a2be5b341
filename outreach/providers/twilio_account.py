"""Does Twilio know our account and our number? Asked without sending anything."""

import re
from typing import Any
from urllib.parse import urlencode

from outreach.providers.base import Verdict
from outreach.providers.http import NoAnswer, Wire, read_json

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_KEYS = "put TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN of this account into .env"


def is_service(sender: str) -> bool:
    """Whether a messaging service, and not a number or a name, writes: Twilio chooses the number."""
    return bool(_SERVICE.fullmatch(sender))


def is_number(sender: str) -> bool:
    """Whether it is a number people can answer."""
    return bool(_NUMBER.fullmatch(sender))


async def judged(wire: Wire, account: str, sender: str) -> Verdict:
    """First the account, then the number. A name cannot be answered: people stop by the link only."""
    home = f"/2010-04-01/Accounts/{account}"
    answer = await wire.get(f"{home}.json")
    if isinstance(answer, NoAnswer):
        return Verdict(False, f"Twilio cannot be reached: {answer.said}", "try again: outreach doctor")
    if answer.status in (401, 403, 404):
        return Verdict(False, f"Twilio refuses our key ({answer.status})", _KEYS)
    found = read_json(answer)
    status = found.get("status") if isinstance(found, dict) else None
    if answer.status != 200 or status != "active":
        return Verdict(False, f"the account is not active ({status or answer.status})", "look at the Twilio console")
    if is_service(sender):
        return Verdict(True, "key works, the messaging service chooses the number")
    if not is_number(sender):
        return Verdict(True, f'key works; nobody can answer the name "{sender}", so STOP by text cannot arrive')
    return await _number(wire, home, sender)


async def _number(wire: Wire, home: str, sender: str) -> Verdict:
    answer = await wire.get(f"{home}/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': sender})}")
    found = None if isinstance(answer, NoAnswer) or answer.status != 200 else read_json(answer)
    rows = found.get("incoming_phone_numbers") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        return Verdict(False, "the key works, but the number cannot be looked up", "try again: outreach doctor")
    mine = [row for row in rows if isinstance(row, dict) and row.get("phone_number") == sender]
    if not mine:
        return Verdict(False, "the key works, but the number is not of this account", _KEYS)
    if not _can_text(mine[0]):
        return Verdict(False, "the key works, but the number takes no texts", "choose a number with SMS at Twilio")
    return Verdict(True, "key works, number can receive")


def _can_text(row: dict[str, Any]) -> bool:
    able = row.get("capabilities")
    return isinstance(able, dict) and any(str(name).lower() == "sms" and yes is True for name, yes in able.items())
