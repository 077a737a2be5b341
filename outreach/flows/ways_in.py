"""Can customers reach us, and do we hear what they say? What doctor looks at before `live` is allowed (product.md)."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

from outreach.core.checks import Check
from outreach.core.endpoints import loopback
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.providers.base import Lists, Verdict

#: What our own pages answer at /alive, and how long we wait for it.
ALIVE, PATIENCE = b"outreach pages", 10
#: Vendor -> the doors it posts to; without them a wish that reached the vendor alone never reaches us.
_DOORS = {
    "sendgrid": ("SendGrid events", "SendGrid inbound"),
    "twilio": ("Twilio status", "Twilio inbound"),
}


def ways(app: App) -> list[Check]:
    """What the configuration alone says; nobody is asked over the network."""
    return [_pages(app), _replies(app), _hooks(app)]


def _pages(app: App) -> Check:
    url = app.house.shop.base_url
    if loopback(urlsplit(url).hostname):
        mend = "pages.base_url in config/outreach.yaml; docs/pages.md shows how"
        return Check("Customer pages", "bad", f"{url} is this machine: no customer can open it", mend)
    if not url.startswith("https://"):
        return Check("Customer pages", "bad", f"{url} is not https", "put a certificate before it: docs/pages.md")
    return Check("Customer pages", "ok", f"{url}")


def _replies(app: App) -> Check:
    replies, signer = app.house.replies, app.house.shop.signer
    reader = replies.forward_to or signer.email
    if replies.address:
        return Check("Replies", "ok", f"read at {replies.address}, and sent on to {reader}")
    mend = "replies.address in config/outreach.yaml; docs/webhooks.md shows how"
    said = f"mail is answered to {signer.email} alone: no wish written by mail is heard here"
    if app.house.senders[Channel.EMAIL].provider == "sendgrid":
        return Check("Replies", "bad", said, mend)
    return Check("Replies", "think", said, 'whoever reads it records each: outreach optout add CUSTOMER --reason "..."')


def _hooks(app: App) -> Check:
    asked = {door for sender in app.house.senders.values() for door in _DOORS.get(sender.provider, ())}
    if not app.house.replies.address:
        asked.discard("SendGrid inbound")
    if not asked:
        return Check("Webhooks", "ok", "no provider posts to us")
    shut = [door for door in app.load_doors().shut if door.name in asked]
    if shut:
        lacks = "; ".join(f"{door.name} needs {' or '.join(door.lacks)}" for door in shut)
        return Check("Webhooks", "bad", f"shut: {lacks}", "put the keys into .env: docs/webhooks.md")
    return Check("Webhooks", "ok", f"open: {', '.join(sorted(asked))}")


def asked(app: App) -> list[Check]:
    """What only the network knows: whether the pages answer from outside, and whether the vendors post to us."""
    return [*_answering(app.house.shop.base_url), *asyncio.run(_told(app))]


def _answering(url: str) -> list[Check]:
    if loopback(urlsplit(url).hostname):
        return []  # said already; and this machine's own port proves nothing
    return [answers(url)]


def answers(url: str) -> Check:
    """Whether our own pages answer there."""
    name, mend = "Pages answer", "outreach serve pages, and the proxy before it: docs/pages.md"
    try:
        with urllib.request.urlopen(f"{url}/alive", timeout=PATIENCE) as found:  # http(s) by _pages
            body = found.read(100)
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        return Check(name, "bad", f"{url} does not answer ({why})", mend)
    if not body.startswith(ALIVE):
        return Check(name, "bad", f"{url} answers, but not with our pages", mend)
    return Check(name, "ok", f"{url} answers")


async def _told(app: App) -> list[Check]:
    found: list[Check] = []
    for lists in app.lists.values():
        found += [
            Check(f"{lists.name.capitalize()} posts", "ok" if verdict.good else "bad", verdict.said, verdict.mend)
            for verdict in await _verdicts(app, lists)
        ]
    return found


async def _verdicts(app: App, lists: Lists) -> Sequence[Verdict]:
    try:
        return await lists.wired(pages=app.house.shop.base_url, mailbox=app.house.replies.address)
    finally:
        await lists.close()
