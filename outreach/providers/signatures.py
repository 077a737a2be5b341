"""Is a post the provider's own? Everything else, and everything that makes the check stumble, is forged.

SendGrid signs timestamp and raw body with ECDSA (P-256, SHA-256); their helper reads the key, but its check takes text
and so cannot see a body that is not UTF-8 (Inbound Parse posts such), so the bytes are checked here. Twilio signs the
public address and the form; their validator knows ports, blank fields and fields that come twice.
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
https://www.twilio.com/docs/usage/security#validating-requests
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from re import ASCII, fullmatch

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from outreach.core.posts import Forged, Post

_SIGNATURE = EventWebhookHeader.SIGNATURE.lower()
_TIMESTAMP = EventWebhookHeader.TIMESTAMP.lower()
_TWILIO = SIGNATURE_HEADER.lower()
#: How old a signed post may be. SendGrid repeats one for 24 hours, and nobody says that it signs it anew; what is
#: played again within that meets the once-only key of its events.
FRESH = timedelta(hours=25)
#: How far the provider's clock may be ahead of ours.
AHEAD = timedelta(minutes=5)
#: What a check may raise over garbage, whoever wrote the library.
_STUMBLES = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    OSError,
    RuntimeError,
    InvalidSignature,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True, slots=True)
class SendGridKey:
    """The verification key of one of SendGrid's webhooks."""

    public: EllipticCurvePublicKey = field(repr=False)

    def check(self, post: Post) -> None:
        """Raises Forged unless SendGrid signed exactly these bytes, not long ago."""
        try:
            timestamp, signature = post.headers[_TIMESTAMP], post.headers[_SIGNATURE]
            _fresh(timestamp, post.at)
            proof = b64decode(signature, validate=True)
            self.public.verify(proof, timestamp.encode() + post.body, ECDSA(SHA256()))
        except _STUMBLES as error:
            raise Forged from error


def sendgrid_key(text: str) -> SendGridKey:
    """From base64 (DER), as SendGrid shows it. Raises ValueError for anything else."""
    try:
        public = EventWebhook("".join(text.split())).public_key
    except _STUMBLES as error:
        raise ValueError("is not the verification key that SendGrid shows") from error
    if not isinstance(public, EllipticCurvePublicKey):
        raise ValueError("is a key of another kind than SendGrid signs with")
    return SendGridKey(public)


def _fresh(timestamp: str, at: datetime) -> None:
    if not fullmatch(r"[1-9]\d{0,11}", timestamp, ASCII):
        raise ValueError("no timestamp")
    signed = datetime.fromtimestamp(int(timestamp), UTC)
    if not at - FRESH <= signed <= at + AHEAD:
        raise ValueError("signed long ago, or in the future")


class Form(dict[str, list[str]]):
    """A posted form as Twilio's validator reads it: every value of every field, blank ones too."""

    def getlist(self, name: str) -> list[str]:
        return self[name]

    def first(self, name: str) -> str:
        """ "" when the field is not there."""
        return self.get(name, [""])[0]


@dataclass(frozen=True, slots=True)
class TwilioToken:
    """The account's token. `pages`: the public address of our pages; Host and X-Forwarded-* are anybody's to write."""

    token: str = field(repr=False)
    account: str
    pages: str

    def check(self, post: Post, path: str, said: Form | str) -> None:
        """Raises Forged unless Twilio signed this address with this form, or with this body's hash in the address."""
        url = f"{self.pages}{path}" + (f"?{post.query}" if post.query else "")
        if not signed_by(self.token, url, said, post.headers):
            raise Forged

    def owns(self, form: Form) -> None:
        """Raises Forged unless the form names our own account: a token may be shared by what is not ours to hear."""
        if not compare_digest(form.first("AccountSid").encode(), self.account.encode()):
            raise Forged


def signed_by(token: str, url: str, said: Form | str, headers: Mapping[str, str]) -> bool:
    """Whether X-Twilio-Signature is right. Never raises, whatever is given."""
    try:
        return bool(RequestValidator(token).validate(url, said, headers[_TWILIO]))
    except _STUMBLES:
        return False
