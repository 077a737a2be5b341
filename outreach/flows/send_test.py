"""How does a teammate see a message in their own mail program? One test, to an address on the team's list only.

A test stands beside the night: no outbox row, no rest, nothing told; one line of the audit. Its links are examples.
"""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import Any

from outreach.core.errors import Misuse, Problem, Refused, Unfinished
from outreach.core.lifecycle import Fault
from outreach.core.quoted import Quoted
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App, shop_day, start_of_day
from outreach.flows.preview import Preview, Want, previews
from outreach.providers.base import Envelope, Receipt
from outreach.records import reach
from outreach.render.content import Content
from outreach.render.examples import ExampleLinks
from outreach.store import audits, versions
from outreach.store.engine import now, writing

A_DAY = 50
ACTION = "send-test"
_BODY = re.compile(r"<body[^>]*>")
#: Grey on white and on black: it is read, and is not part of the letter.
_LINE = '<p style="margin:0;padding:8px 24px;font:14px/1.5 sans-serif;color:#6b6b6b">{}</p>'
_FOR_GOOD = frozenset({Fault.KEY, Fault.INVALID, Fault.OPTED_OUT, Fault.BAD_ADDRESS, Fault.CONTENT, Fault.SENDER})


@dataclass(frozen=True, slots=True)
class Tested:
    """One test that was taken. `id`: `t-7`. `left`: how many more may be sent today. `mode` says how far it went."""

    id: str
    shown: Preview
    content: Content
    mode: Mode
    night: str
    left: int


def send_test(app: App, want: Want, *, to: str) -> Tested:
    """Send one message, as one person would get it, to one teammate.

    Raises Misuse: OUT-190 not on the team's list, OUT-191 50 today, and what `previews` raises; RenderProblem when it
    cannot be written for this person; Refused or Unfinished (OUT-192) when the provider did not take it.
    """
    channel, address = teammate(app, to)
    if want.channel not in (None, channel):
        raise Misuse("OUT-600", f"--to is for {channel.value}, and --channel says {want.channel}")
    links = ExampleLinks.like(app.links, app.secrets.token_keys)
    shown = previews(app, replace(want, channel=channel, all_people=False), links=links)[0]
    if shown.content is None:
        raise shown.problem or Misuse("OUT-110", f"{want.what} cannot be written")
    content = as_test(shown.content, f"Test of {shown.campaign} as {_as(shown, want)}. Links are examples.")
    number, at, left = _count(app, shown)
    receipt = asyncio.run(app.providers[channel].send(_envelope(app, shown, content, (number, at, address))))
    if receipt.fault is not None:
        raise _not_taken(app, receipt)
    return Tested(f"t-{number}", shown, content, app.house.mode, shop_day(app, at).isoformat(), left)


def teammate(app: App, to: str) -> tuple[Channel, str]:
    """The channel and canonical address of someone under team:. Raises Misuse (OUT-190), which never shows it."""
    channel = Channel.EMAIL if "@" in to else Channel.TEXT
    known = {_canonical(app, channel, one) for one in app.house.team.get(channel, ())} - {None}
    address = _canonical(app, channel, to)
    if address is None:
        said = "that is no email address and no phone number, so nothing was sent"
        raise Misuse("OUT-190", said, help="--to, then an address that is under team: in config/outreach.yaml")
    if address not in known:
        said = "that address is not on the team list, so nothing was sent"
        there = f"team.{channel.value} in config/outreach.yaml has {len(known)}"
        raise Misuse("OUT-190", said, facts=(there,), help=f"add it there: team: {{{channel.value}: [...]}}")
    if channel not in app.house.senders:
        raise Misuse("OUT-190", f"the shop has no sender for {channel.value}", help="senders: in config/outreach.yaml")
    return channel, address


def as_test(content: Content, line: str) -> Content:
    """The same message, saying first of all that it is a test."""
    if content.subject is None:
        return replace(content, text=f"{line} {content.text}")
    html = _BODY.sub(lambda found: found[0] + _LINE.format(escape(line)), content.html or "", count=1)
    return replace(content, subject=f"[TEST] {content.subject}", html=html, text=f"{line}\n\n{content.text}")


def _as(shown: Preview, want: Want) -> str:
    """A customer by name; an invented person by theirs."""
    return shown.greeted if want.customer is not None else shown.person


def _canonical(app: App, channel: Channel, text: str) -> str | None:
    try:
        return reach.email(text) if channel is Channel.EMAIL else reach.phone(text, app.house.shop.country)
    except reach.NotReachable:
        return None


def _count(app: App, shown: Preview) -> tuple[int, datetime, int]:
    """Take one of today's tests before it is sent: whatever happens then, it was one."""
    with writing(app.engine) as c:
        at = now(c)
        today = versions.tests_since(c, start_of_day(app, shop_day(app, at)), ACTION)
        if today >= A_DAY:
            raise Misuse("OUT-191", f"{A_DAY} tests were sent today", help=f"outreach preview {shown.campaign} --open")
        detail = {"channel": shown.template.channel.value, "as": shown.person, "revision": shown.template.revision}
        number = audits.write(c, at, ACTION, shown.campaign, detail)
    return number, at, A_DAY - today - 1


def _envelope(app: App, shown: Preview, content: Content, about: tuple[int, datetime, str]) -> Envelope:
    number, at, address = about
    sender = app.house.senders[shown.template.channel].address
    return Envelope(
        id=f"t-{number}",
        reference=f"t-{number}",
        night=shop_day(app, at).isoformat(),
        mode=app.house.mode,
        campaign=shown.campaign,
        channel=shown.template.channel,
        sender=sender,
        to=address,
        subject=content.subject,
        html=None if content.html is None else Quoted.of(content.html),
        text=Quoted.of(content.text),
        headers=tuple((name, f"{value} <{sender}>" if name == "From" else value) for name, value in content.headers),
        handed_at=at,
        not_after=at + timedelta(hours=1),
    )


def _not_taken(app: App, receipt: Receipt) -> Problem:
    fault: Any = receipt.fault
    words = "nobody knows whether the test was taken" if fault is Fault.DOUBT else "the test was not taken"
    kind = Refused if fault in _FOR_GOOD else Unfinished
    return kind("OUT-192", words, facts=(receipt.said,) if receipt.said else (), help="outreach doctor")
