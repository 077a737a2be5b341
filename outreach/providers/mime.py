"""How does an envelope look as a mail that travels? (RFC 5322, RFC 2045)

The older MIME classes are used on purpose: they leave an address in List-Unsubscribe whole, where the newer ones break
one of more than 75 characters in two.
"""

import re
from collections.abc import Iterator
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr

from outreach.providers.base import Envelope
from outreach.providers.wording import named

#: CRLF line ends; header lines as we wrote them (RFC 5322 allows 998 characters).
_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=None)
_DOT = re.compile(rb"^\.", re.M)
_PEOPLE = frozenset({"from", "reply-to"})


def message_id(envelope: Envelope) -> str:
    """The mail's Message-ID: our reference, below the sender's domain."""
    return f"<{envelope.reference}@{envelope.sender.rpartition('@')[2]}>"


def wire_bytes(envelope: Envelope) -> bytes:
    """The mail as DATA takes it: CRLF, 7-bit, leading dots doubled (RFC 5321, 4.5.2), without the final dot."""
    mail = MIMEMultipart("alternative")
    for name, value in _headers(envelope):
        mail[name] = value
    mail.attach(_part(envelope.text, "plain"))
    if envelope.html is not None:
        mail.attach(_part(envelope.html, "html"))
    return _DOT.sub(b"..", mail.as_bytes(policy=_WIRE).rstrip(b"\r\n") + b"\r\n")


def _headers(envelope: Envelope) -> Iterator[tuple[str, str]]:
    given = {"From": envelope.sender, **dict(envelope.headers)}
    given |= {"To": envelope.to, "Subject": envelope.subject or "", "Date": format_datetime(envelope.handed_at)}
    given["Message-ID"] = message_id(envelope)
    for name, value in given.items():
        if name.lower() in _PEOPLE:
            yield name, formataddr(named(value))
        else:
            yield name, value if value.isascii() else Header(value, "utf-8", header_name=name).encode()


def _part(words: str, kind: str) -> MIMENonMultipart:
    """Quoted-printable: 7-bit on the way, and readable to whoever looks at it."""
    charset = Charset("utf-8")
    charset.body_encoding = QP
    part = MIMENonMultipart("text", kind)
    part.set_payload(words, charset)
    return part
