"""Does SendGrid tell us what it hears? Asked of its settings; nothing is changed and nobody written to.

The event webhook (GET /v3/user/webhooks/event/settings/all) and Inbound Parse (GET /v3/user/webhooks/parse/settings).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from outreach.providers.base import Verdict
from outreach.providers.http import NoAnswer, Wire, read_json

EVENTS, PARSE = "/v3/user/webhooks/event/settings/all", "/v3/user/webhooks/parse/settings"
#: What we have to be told of; opens and clicks are none of our business.
NEEDED = ("bounce", "deferred", "delivered", "dropped", "group_unsubscribe", "processed", "spam_report", "unsubscribe")
_SHOWN = "docs/webhooks.md shows it"


async def wired(wire: Wire, *, pages: str, mailbox: str) -> Sequence[Verdict]:
    """One verdict on events, one on mail. `pages`: where the public reaches us; `mailbox`: "" when we hear no mail."""
    events = _judged_events(await _listed(wire, EVENTS, "webhooks"), f"{pages.rstrip('/')}/sendgrid/events")
    if not mailbox:
        return (events,)
    host = mailbox.rpartition("@")[2].lower()
    inbound = _judged_mail(await _listed(wire, PARSE, "result"), host, f"{pages.rstrip('/')}/sendgrid/inbound")
    return events, inbound


async def _listed(wire: Wire, path: str, name: str) -> list[Any] | str:
    """The settings; or why they cannot be seen."""
    answer = await wire.get(path, most=1 << 20)
    if isinstance(answer, NoAnswer):
        return f"SendGrid cannot be reached: {answer.said}"
    if answer.status in (401, 403):
        return 'our key may not look; allow it "User Settings: Read", or look at Settings > Mail Settings yourself'
    found = read_json(answer)
    rows = found.get(name) if isinstance(found, dict) else None
    return rows if answer.status == 200 and isinstance(rows, list) else f"SendGrid does not say ({answer.status})"


def _judged_events(rows: list[Any] | str, url: str) -> Verdict:
    if isinstance(rows, str):
        return Verdict(False, f"events: {rows}", _SHOWN)
    ours = [row for row in rows if isinstance(row, dict) and _same(row.get("url"), url)]
    if not ours:
        return Verdict(False, f"events: SendGrid does not post to {url}", _SHOWN)
    hook = ours[0]
    if hook.get("enabled") is not True:
        return Verdict(False, f"events: the webhook to {url} is switched off", "switch it on at SendGrid")
    if lacks := [name for name in NEEDED if hook.get(name) is not True]:
        return Verdict(False, f"events: SendGrid keeps {', '.join(lacks)} to itself", "tick them at SendGrid")
    if not hook.get("public_key"):
        return Verdict(False, "events: they are not signed", "switch on the signed event webhook at SendGrid")
    return Verdict(True, "events: signed, and all that we need")


def _judged_mail(rows: list[Any] | str, host: str, url: str) -> Verdict:
    if isinstance(rows, str):
        return Verdict(False, f"mail: {rows}", _SHOWN)
    ours = [row for row in rows if isinstance(row, dict) and str(row.get("hostname", "")).lower() == host]
    if not ours:
        return Verdict(False, f"mail: SendGrid's Inbound Parse does not know {host}", _SHOWN)
    if not any(_below(row.get("url"), url) for row in ours):
        return Verdict(False, f"mail: what comes in for {host} is posted elsewhere than below {url}", _SHOWN)
    return Verdict(True, f"mail: what comes in for {host} is posted to us")


def _same(known: Any, url: str) -> bool:
    return isinstance(known, str) and _plain(known) == _plain(url)


def _below(known: Any, url: str) -> bool:
    return isinstance(known, str) and (_plain(known) + "/").startswith(_plain(url) + "/")


def _plain(url: str) -> str:
    """Scheme and host in small letters, without a last slash; never the secret a path may end with, to anybody."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
