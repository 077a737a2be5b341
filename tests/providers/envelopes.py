"""What do the tests of providers hand over? Ordinary messages; what a test does not mention is ordinary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from outreach.core.quoted import Quoted
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Envelope
from outreach.providers.reach import Reach

NOW = datetime(2026, 11, 14, 10, tzinfo=UTC)
LIVE = Reach(Mode.LIVE, {})
SHOP = "hello@alder.example"
NUMBER = "+447700900999"
ACCOUNT = "AC" + "0" * 32
PAGES = "https://hello.alder.example"
#: As long as an address of ours may be (render.links.LONGEST_URL).
LONG = "https://hello.alder.example/u/".ljust(75, "x")

EMAIL = Envelope(
    id="m-1",
    reference="k3x-1-1",
    night="2026-11-14",
    mode=Mode.LIVE,
    campaign="delivery_check",
    channel=Channel.EMAIL,
    sender=SHOP,
    to="ana@example.com",
    subject="Is everything all right?",
    html=Quoted.of("<html><body><p>Hello Ana</p></body></html>"),
    text=Quoted.of("Hello Ana"),
    headers=(
        ("From", f"Mara from Alder <{SHOP}>"),
        ("Reply-To", "Mara from Alder <mara@alder.example>"),
        ("List-Unsubscribe", f"<{LONG}>, <mailto:{SHOP}?subject=stop-1a.x>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ),
    handed_at=NOW,
    not_after=NOW + timedelta(hours=3),
)
TEXT = replace(
    EMAIL,
    channel=Channel.TEXT,
    sender=NUMBER,
    to="+447700900123",
    subject=None,
    html=None,
    text=Quoted.of("Alder: is everything all right? Reply STOP to stop"),
    headers=(),
)


def email(**changes: Any) -> Envelope:
    return replace(EMAIL, **_quoted(changes))


def text(**changes: Any) -> Envelope:
    return replace(TEXT, **_quoted(changes))


def _quoted(changes: dict[str, Any]) -> dict[str, Any]:
    """A test says its words as they are."""
    return changes | {name: Quoted.of(changes[name]) for name in ("html", "text") if changes.get(name) is not None}


def headed(name: str, value: str) -> Envelope:
    """An email with one header set otherwise."""
    return replace(EMAIL, headers=(*(h for h in EMAIL.headers if h[0] != name), (name, value)))
