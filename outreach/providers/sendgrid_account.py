"""Does SendGrid know our key and our sender? Asked without sending anything."""

from typing import Any

from outreach.providers.base import Verdict
from outreach.providers.http import NoAnswer, Wire, read_json

SCOPE = "mail.send"
_NEW_KEY = 'make a key with "Mail Send" at SendGrid and put it in SENDGRID_API_KEY'


async def judged(wire: Wire, sender: str) -> Verdict:
    """First the key (GET /v3/scopes), then the sender's domain; a key that may not ask about domains is no fault."""
    answer = await wire.get("/v3/scopes")
    if isinstance(answer, NoAnswer):
        return Verdict(False, f"SendGrid cannot be reached: {answer.said}", "try again: outreach doctor")
    if answer.status in (401, 403):
        return Verdict(False, f"SendGrid refuses our key ({answer.status})", _NEW_KEY)
    found = read_json(answer)
    scopes = found.get("scopes") if isinstance(found, dict) else None
    if answer.status != 200 or not isinstance(scopes, list):
        return Verdict(False, f"SendGrid does not say what the key may do ({answer.status})", "try again later")
    if SCOPE not in scopes:
        return Verdict(False, "the key works, but may not send", _NEW_KEY)
    return await _sender(wire, sender)


async def _sender(wire: Wire, sender: str) -> Verdict:
    domain = sender.rpartition("@")[2].lower()
    domains = await _rows(wire, "/v3/whitelabel/domains?limit=200")
    if any(_covers(each, domain) for each in domains or ()):
        return Verdict(True, f"key works, {domain} is authenticated")
    senders = await _rows(wire, "/v3/verified_senders?limit=200")
    if any(_verified(each, sender) for each in senders or ()):
        return Verdict(True, f"key works, one sender of {domain} is verified; an authenticated domain is better")
    if domains is None or senders is None:
        return Verdict(True, f"key works; it may not ask whether {domain} is authenticated")
    said = f"SendGrid has not authenticated {domain} (OUT-411)"
    return Verdict(False, said, "add the CNAMEs SendGrid shows: outreach explain OUT-411")


def _covers(row: Any, domain: str) -> bool:
    """An authenticated domain stands for itself and what is below it."""
    known = str(row.get("domain", "")).lower() if isinstance(row, dict) and row.get("valid") is True else ""
    return bool(known) and (domain == known or domain.endswith(f".{known}"))


def _verified(row: Any, sender: str) -> bool:
    known = isinstance(row, dict) and row.get("verified") is True
    return known and str(row.get("from_email", "")).lower() == sender.lower()


async def _rows(wire: Wire, path: str) -> list[Any] | None:
    """What is listed: domains as a list, senders under `results`. None: it would not say."""
    answer = await wire.get(path, most=1 << 20)
    if isinstance(answer, NoAnswer) or answer.status != 200:
        return None
    found = read_json(answer)
    rows = found.get("results") if isinstance(found, dict) else found
    return rows if isinstance(rows, list) else None
