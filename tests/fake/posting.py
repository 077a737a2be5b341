"""How does the fake provider post to us? As SendGrid and Twilio sign it, with keys of its own."""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = "AC" + "0" * 32, "fake"
PAGES = "https://news.alder.example"
Headers = dict[str, str]


@dataclass(frozen=True)
class Signer:
    """SendGrid's key pair. `public` is what its page shows."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> str:
        kind, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self.private.public_key().public_bytes(kind, form)).decode()

    def headers(self, body: bytes, *, at: float | None = None) -> Headers:
        """As of `at` (seconds; now)."""
        stamp = str(int(time.time() if at is None else at))
        signature = self.private.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }


def batch(events: Sequence[Mapping[str, Any]]) -> bytes:
    """A post of SendGrid's: it ends with CRLF, and the signature covers that."""
    return json.dumps(events, separators=(",", ":")).encode() + b"\r\n"


_numbers = count(1)


def event(kind: str, email: str, reference: str | None = None, **more: Any) -> dict[str, Any]:
    """One event, with an id of its own."""
    number = next(_numbers)
    found = {
        "email": email,
        "timestamp": 1_790_000_000 + number,
        "event": kind,
        "sg_event_id": f"e{number:020}",
        "sg_message_id": f"m{number:018}.filter0001.16648.5515E0B88.0",
    }
    return {**found, **({"reference": reference} if reference else {}), **more}


def form(fields: Mapping[str, str], target: str, *, pages: str = PAGES) -> tuple[bytes, Headers]:
    """A post of Twilio's to `target` (path and query) of these pages."""
    signature = RequestValidator(TOKEN).compute_signature(f"{pages}{target}", dict(fields))
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    return urlencode(fields).encode(), {"Content-Type": kind, "X-Twilio-Signature": signature}


def status(word: str, sid: str, to: str, **more: str) -> dict[str, str]:
    """What Twilio says of a text."""
    return {
        "SmsSid": sid,
        "SmsStatus": word,
        "MessageStatus": word,
        "To": to,
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": "+447400000000",
        "ApiVersion": "2010-04-01",
        **more,
    }


def text(body: str, sid: str, sender: str, **more: str) -> dict[str, str]:
    """What somebody texted, as Twilio hands it over: some fields are blank."""
    return {
        "ToCountry": "GB",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": body,
        "FromCountry": "GB",
        "To": "+447400000000",
        "MessagingServiceSid": "",
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
        **more,
    }


def mail(fields: Mapping[str, bytes | str], files: Sequence[tuple[str, str, bytes]] = ()) -> tuple[bytes, Headers]:
    """A post of Inbound Parse: a form of bytes, each field as it comes."""
    mark, body = b"xYzZY", b""
    for name, value in fields.items():
        raw = value.encode() if isinstance(value, str) else value
        body += (
            b"--" + mark + b'\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + raw + b"\r\n"
        )
    for number, (name, kind, raw) in enumerate(files, 1):
        about = f'Content-Disposition: form-data; name="attachment{number}"; filename="{name}"\r\nContent-Type: {kind}'
        body += b"--" + mark + b"\r\n" + about.encode() + b"\r\n\r\n" + raw + b"\r\n"
    return body + b"--" + mark + b"--\r\n", {"Content-Type": "multipart/form-data; boundary=xYzZY"}
