"""How does the fake mail server answer? aiosmtpd speaks the protocol; what it takes goes into the same journal."""

import asyncio
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fake.moods import Behaviour
from tests.fake.vendor import Message, Vendor, reference_in
from tests.fake.wire import Manner, reset

#: What a mail server says for words that are HTTP's; another number is said as it stands.
SAID = {
    400: "550 5.6.0 message refused",
    401: "535 5.7.8 authentication credentials invalid",
    429: "451 4.7.1 too much mail from you, try again later",
    500: "451 4.3.0 internal error",
    503: "421 4.3.2 service not available, closing",
}


class Mail(Vendor):
    """RFC 5321. The handler of every connection; `strict`: judges messages as the others judge requests."""

    strict = False

    def protocol(self) -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(
            self,
            hostname="fake.example",
            ident="fake",
            enable_SMTPUTF8=True,
            authenticator=self._known,
            auth_require_tls=False,
            loop=loop,
        )

    def _known(self, server: SMTP, session: Session, envelope: Envelope, how: str, who: object) -> AuthResult:
        good = isinstance(who, LoginPassword) and bool(who.password) and self.key_refused() is None
        return AuthResult(success=good, handled=False, auth_data=who)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """The message is here. Decide, write down, then answer or fail to."""
        body = cast(bytes, envelope.original_content)
        head = BytesHeaderParser(policy=default).parsebytes(body)
        reference = reference_in(str(head["Message-ID"] or ""))
        wrong = next(_wrong(head, envelope), None) if self.strict else None
        to = envelope.rcpt_tos[0] if envelope.rcpt_tos else ""
        behaviour, line = self.take(Message(reference, to, body, wrong))
        await asyncio.sleep(self.latency)
        if behaviour.status is not None:
            return SAID.get(behaviour.status, f"{behaviour.status} refused") + (f" ({wrong})" if wrong else "")
        await self._misbehave(behaviour, server)
        return f"250 2.0.0 Ok: queued as {line.id}"

    async def _misbehave(self, behaviour: Behaviour, server: SMTP) -> None:
        transport = server.transport
        assert isinstance(transport, asyncio.Transport)
        match behaviour.manner:
            case Manner.HANG:
                await asyncio.Event().wait()
            case Manner.RESET:
                reset(transport)
            case Manner.HALF:
                transport.write(b"250 2.0")
                transport.close()
            case Manner.TRICKLE:
                for byte in b"250 2.0.0 Ok: queued":
                    transport.write(bytes([byte]))
                    await asyncio.sleep(1)


def _wrong(head: EmailMessage, envelope: Envelope) -> Iterator[str]:
    if not reference_in(str(head["Message-ID"] or "")):
        yield "Message-ID carries no reference of ours"
    if len(envelope.rcpt_tos) != 1:
        yield "more than one recipient in one message"
    if not head["List-Unsubscribe"] or not head["List-Unsubscribe-Post"]:
        yield "an unsubscribe header is missing"
