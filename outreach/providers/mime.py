"""How does an envelope look as a mail that travels? (RFC 5322, RFC 2045)

The older MIME classes are used on purpose: they leave an address in List-Unsubscribe whole, where the newer ones break
one of more than 75 characters in two.
"""

import re
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr

from outreach.providers.base import Attached, Envelope
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
    words = MIMEMultipart("alternative")
    words.attach(_part(str(envelope.text), "plain"))
    if envelope.html is not None:
        words.attach(_part(str(envelope.html), "html"))
    mail = with_files(words, envelope.attached)
    for name, value in _headers(envelope):
        mail[name] = value
    return _DOT.sub(b"..", mail.as_bytes(policy=_WIRE).rstrip(b"\r\n") + b"\r\n")


def with_files(words: MIMEMultipart, files: Sequence[Attached]) -> MIMEMultipart:
    """The words, with files beside them where there are any."""
    if not files:
        return words
    mail = MIMEMultipart("mixed")
    mail.attach(words)
    for file in files:
        main, _, kind = file.kind.partition("/")
        part = MIMENonMultipart(main, kind)
        part.add_header("Content-Disposition", "attachment", filename=file.name)
        if file.kind == "message/rfc822":  # it may not be encoded (RFC 2046, 5.2.1)
            part["Content-Transfer-Encoding"] = "7bit"
            part.set_payload(b"\r\n".join([*file.data.splitlines(), b""]).decode("ascii"))
        else:
            part["Content-Transfer-Encoding"] = "base64"
            part.set_payload(encodebytes(file.data).decode("ascii"))
        mail.attach(part)
    return mail


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
