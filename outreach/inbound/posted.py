"""What does SendGrid's Inbound Parse hand over?

Default mode gives the mail in pieces, each piece of text in a charset of its own (`charsets`, JSON); raw mode gives the
mail itself in `email`. Values are the bytes as they were posted: a form parser that decodes them has already lost what
it could not read. https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from outreach.inbound.addresses import canonical
from outreach.inbound.decoding import decoded
from outreach.inbound.fields import Fields, fields_of

_MOST_JSON = 64 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """One post, decoded. `email` holds the whole mail in raw mode, else None."""

    email: bytes | None
    headers: Fields
    text: str
    html: str
    sender: str
    to: str
    subject: str
    mail_from: str | None
    mail_to: tuple[str, ...]
    dkim: str
    spf: str


def posted(fields: Mapping[str, bytes]) -> Posted:
    """`fields`: name -> value of each form field that is no file. Missing and broken ones count as empty."""
    charsets = _json(fields.get("charsets", b""))

    def text(name: str) -> str:
        claimed = charsets.get(name)
        return decoded(fields.get(name, b""), claimed if isinstance(claimed, str) else "")

    envelope = _json(fields.get("envelope", b""))
    mail_to = envelope.get("to")
    return Posted(
        email=fields.get("email"),
        headers=fields_of(fields.get("headers", b"")),
        text=text("text"),
        html=text("html"),
        sender=text("from"),
        to=text("to"),
        subject=text("subject"),
        mail_from=_address(envelope.get("from")),
        mail_to=tuple(filter(None, map(_address, mail_to if isinstance(mail_to, list) else [mail_to]))),
        dkim=text("dkim"),
        spf=text("SPF"),
    )


def _json(value: bytes) -> dict[str, object]:
    try:
        found = json.loads(value[:_MOST_JSON].decode("utf-8", "replace") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _address(value: object) -> str | None:
    return canonical(value.encode("utf-8", "replace").decode()) if isinstance(value, str) else None
