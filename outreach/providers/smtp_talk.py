"""How is one mail given to a mail server, and how far had it come when something broke?

A server can have taken a mail only once the final dot has left; before it nothing was taken, whatever broke. The dot is
therefore sent by itself, and only with leave of the `Attempt`, which the deadline can end at any moment from another
thread: either the attempt was over, and the dot never leaves, or the dot has left, and the mail is in doubt.
"""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import unquote, urlsplit

from outreach.core.endpoints import loopback
from outreach.core.lifecycle import Fault
from outreach.providers.base import Receipt
from outreach.providers.smtp_codes import Stage, fault_of, meaning

#: One reply, in seconds; the deadline of the whole stands above it.
PATIENCE = 15.0
#: A TCP connection, in seconds.
CONNECT = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is given. `secure`: encrypted from the first byte; `plain`: not at all; else by STARTTLS."""

    host: str
    port: int
    secure: bool = False
    plain: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class TooLate(Exception):
    """The attempt was over before the final dot left."""


class Refusal(Exception):
    """The server said no, or offers too little for us to go on (`lacks`)."""

    def __init__(self, stage: Stage, code: int = 0, words: bytes = b"", *, lacks: str = "") -> None:
        super().__init__(stage, code)
        self.stage, self.code, self.words, self.lacks = stage, code, words, lacks

    def receipt(self) -> Receipt:
        """In our words: the server's codes only, for its sentence may hold an address."""
        if self.lacks:
            return Receipt(Fault.KEY, said=self.lacks)
        said = " ".join(filter(None, (str(self.code), meaning(self.words), f"at {self.stage.value}")))
        return Receipt(fault_of(self.stage, self.code, self.words), said=said, status=self.code)


class Attempt:
    """Whether the final dot of one mail has left, agreed between two threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left = self._over = False
        self._socket: socket.socket | None = None

    def hold(self, talk: smtplib.SMTP) -> None:
        """The connection that the deadline cuts."""
        with self._lock:
            self._socket = talk.sock
            if self._over:
                raise TooLate

    def let_go(self) -> None:
        """The connection is no longer this attempt's to cut."""
        with self._lock:
            self._socket = None

    def leave(self) -> None:
        """The dot may leave now. Raises TooLate when the attempt is over."""
        with self._lock:
            if self._over:
                raise TooLate
            self._left = True

    def give_up(self) -> bool:
        """End it. Returns whether the dot had left."""
        with self._lock:
            self._over = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            return self._left

    @property
    def left(self) -> bool:
        with self._lock:
            return self._left


def read_url(url: str) -> Server | None:
    """A server from smtp://USER:PASSWORD@HOST:PORT or smtps://...; None: it is neither.

    smtp:// means STARTTLS, and does without only on this machine.
    """
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "smtps"
        port = parts.port or (465 if secure else 587)
    except ValueError:
        return None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        return None
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if not f"{user}{password}".isascii():  # smtplib knows no others
        return None
    plain = not secure and loopback(parts.hostname)
    return Server(parts.hostname, port, secure=secure, plain=plain, user=user, password=password)


def opened(server: Server, attempt: Attempt, *, called: str) -> smtplib.SMTP:
    """A connection that said hello, is encrypted and logged in. `called`: our own name.

    Raises Refusal, TooLate, OSError. The socket is made here and not by smtplib, so that the deadline can cut it while
    a server keeps its greeting to itself.
    """
    talk = smtplib.SMTP(local_hostname=called, timeout=PATIENCE)
    with contextlib.ExitStack() as otherwise:
        talk.sock = socket.create_connection((server.host, server.port), CONNECT)
        otherwise.callback(talk.close)
        talk.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot is sent by itself, and must not wait
        talk.sock.settimeout(PATIENCE)
        attempt.hold(talk)
        if server.secure:
            _encrypt(talk, server, attempt)
        _greet(talk, server, attempt)
        otherwise.pop_all()
    return talk


def _greet(talk: smtplib.SMTP, server: Server, attempt: Attempt) -> None:
    with _read(Stage.GREETING):
        _expect(Stage.GREETING, 220, talk.getreply())
        talk.ehlo_or_helo_if_needed()
        if not server.secure and not server.plain:
            if not talk.has_extn("starttls"):
                raise Refusal(Stage.LOGIN, lacks="it offers no encryption")
            _expect(Stage.LOGIN, 220, talk.docmd("STARTTLS"))
            _encrypt(talk, server, attempt)
            talk.ehlo()
    if server.user is not None:
        with _read(Stage.LOGIN):
            talk.login(server.user, server.password or "")


def _encrypt(talk: smtplib.SMTP, server: Server, attempt: Attempt) -> None:
    """TLS, the certificate checked. What was read in the clear beyond the last reply is forgotten."""
    assert talk.sock is not None
    context = ssl.create_default_context()
    wrapped = context.wrap_socket(talk.sock, server_hostname=server.host, do_handshake_on_connect=False)
    talk.sock, talk.file = wrapped, None
    attempt.hold(talk)
    wrapped.do_handshake()


@contextlib.contextmanager
def _read(stage: Stage) -> Iterator[None]:
    """smtplib's own errors as a Refusal at `stage`; what is left is an OSError: the connection broke off."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        raise ConnectionResetError("the connection broke off") from error
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        raise Refusal(stage, error.smtp_code, words) from error
    except smtplib.SMTPException as error:
        raise Refusal(stage, lacks="it offers no login that we know") from error


def given(talk: smtplib.SMTP, attempt: Attempt, people: tuple[str, str], mail: bytes) -> None:
    """One mail from `people[0]` to `people[1]`. Raises Refusal, TooLate, OSError."""
    attempt.hold(talk)
    sender, to = people
    with _read(Stage.SENDER):
        _expect(Stage.SENDER, 250, talk.mail(sender))
    with _read(Stage.RECIPIENT):
        _expect(Stage.RECIPIENT, 250, talk.rcpt(to), 251)
    with _read(Stage.MESSAGE):
        _expect(Stage.MESSAGE, 354, talk.docmd("data"))
        talk.send(mail)
        attempt.leave()
    with _read(Stage.DOT):
        talk.send(b".\r\n")
        _expect(Stage.DOT, 250, talk.getreply())
    attempt.let_go()


def _expect(stage: Stage, hoped: int, reply: tuple[int, bytes], also: int = 0) -> None:
    if reply[0] not in (hoped, also):
        raise Refusal(stage, *reply)


def broken_off(attempt: Attempt, error: BaseException) -> Receipt:
    """What a connection that broke means: in doubt once the dot has left, else surely unsent."""
    if attempt.left:
        return Receipt(Fault.DOUBT, said="the connection broke off after the message")
    return Receipt(Fault.NOT_REACHED, said=_why(error))


def _why(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not good"
    if isinstance(error, socket.gaierror):
        return "its name could not be looked up"
    return "no answer in time" if isinstance(error, TimeoutError | TooLate) else "no connection"
