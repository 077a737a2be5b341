"""How does a link in a message know whom it was written to, with no table behind it?

TOKEN = contact point id in base62 + "." + 128-bit HMAC, a salt per purpose, a list of keys (the last one signs, all
are believed). It holds no personal data, never expires, and survives erasure and restore (settled 24).
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from enum import StrEnum
from functools import lru_cache, partial

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import SigningAlgorithm

from outreach.core.errors import Misuse
from outreach.render import folded

#: Python's own email package breaks longer header addresses in two.
LONGEST_URL = 75
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LARGEST_ID = 62**7 - 1
_STOP_SUBJECT = re.compile(r"(?:^|\s)stop-([0-9A-Za-z]{1,7}\.[-_0-9A-Za-z]{22})(?:\s|$)", re.I)
#: Letters that 128 bits take in base64, without its padding.
_SIGNATURE = 22


class Purpose(StrEnum):
    """What a token may be used for; each has its own salt and its own page."""

    CHOOSE = "p"
    ONE_CLICK = "u"
    ANSWER = "f"
    REPLY = "r"  # in an email address: where a reply goes, or what stops everything
    EXAMPLE = "t"  # of a test: the pages say "Example. Nothing was changed."


class _Short(SigningAlgorithm):
    """The first 128 bits of HMAC-SHA256."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, hashlib.sha256)[:16]


class _Signer(Signer):
    """Derives each key once, not once per message."""

    def __init__(self, keys: tuple[bytes, ...], purpose: Purpose) -> None:
        salt = f"outreach.{purpose.value}.v1".encode()
        super().__init__(list(keys), salt, key_derivation="hmac", digest_method=hashlib.sha256, algorithm=_Short())
        self._derived: dict[str | bytes | None, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]

    def signs(self) -> list[folded.Sign]:
        """What signs, and what signed before it: the newest key first."""
        return [partial(self._sign, self.derive_key(key)) for key in reversed(self.secret_keys)]

    @staticmethod
    def _sign(key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")[:16]

    def signed(self, value: str) -> str:
        """What `sign` gives, in a third of its time: four of these stand in every email."""
        made = hmac.digest(self.derive_key(), value.encode(), "sha256")[:16]
        return f"{value}.{urlsafe_b64encode(made)[:_SIGNATURE].decode()}"


class Links:
    """The links of one installation. `base_url`: where the customer pages answer. `mailbox`: reads stop requests.

    `replies`: the mailbox whose mail is given to us, so that tokens in addresses are read; "" is none.
    Raises Misuse (OUT-606) when `base_url` makes links too long for a mail header, or `replies` is too long for tokens.
    """

    def __init__(self, token_keys: tuple[bytes, ...], base_url: str, *, mailbox: str, replies: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        self.mailbox = mailbox
        self.replies = replies
        self._signers = {purpose: _Signer(token_keys, purpose) for purpose in Purpose}
        self._replies_signs = self._signers[Purpose.REPLY].signs()
        self._local, _, self._host = replies.partition("@")
        if len(self._local) > folded.LONGEST_NAME:
            message = f"{replies} has {len(self._local)} characters before the @; {folded.LONGEST_NAME} leave room"
            raise Misuse("OUT-606", message, help="use a shorter name, like hello@reply.alder.example")
        self.stop = lru_cache(maxsize=16)(self._stop)  # asked where it is written, and where it is looked for
        longest = len(self.one_click(_LARGEST_ID))
        if longest > LONGEST_URL:
            most = LONGEST_URL - (longest - len(self.base_url))
            message = f"pages.base_url is {len(self.base_url)} characters; links may be {LONGEST_URL}, so it has {most}"
            help = "use a short host name, without a path"
            raise Misuse("OUT-606", message, facts=(f"it says: {base_url}",), help=help)

    def _stop(self, contact_point_id: int) -> str:
        """The page that stops everything, or lets the customer choose."""
        return self._url(Purpose.CHOOSE, base62(contact_point_id))

    def choose(self, contact_point_id: int) -> str:
        """The same page: stopping and choosing stand side by side."""
        return self.stop(contact_point_id)

    def one_click(self, contact_point_id: int) -> str:
        """What the mail program's own button posts to (RFC 8058)."""
        return self._url(Purpose.ONE_CLICK, base62(contact_point_id))

    def list_unsubscribe(self, contact_point_id: int) -> str:
        """The header of RFC 2369: the one-click page, and the mailto for programs that have no button."""
        page = self.one_click(contact_point_id)
        return f"<{page}>, <{self._stop_mail(page, contact_point_id)}>"

    def stop_mail(self, contact_point_id: int) -> str:
        """The mailto of List-Unsubscribe; its token stands where it is read, and where there is room for it."""
        return self._stop_mail(self.one_click(contact_point_id), contact_point_id)

    def _stop_mail(self, page: str, contact_point_id: int) -> str:
        if self.replies:
            token = folded.stop_token(contact_point_id, self._replies_signs[0])
            whole = f"mailto:{self._local}+{token}@{self._host}"
            return whole if len(whole) <= LONGEST_URL else f"mailto:{self.replies}?subject=stop"
        token = page.rpartition("/")[2]
        whole = f"mailto:{self.mailbox}?subject=stop-{token}"
        return whole if len(whole) <= LONGEST_URL else f"mailto:{self.mailbox}?subject=stop"

    def reply_address(self, contact_point_id: int, about: str) -> str | None:
        """Where an answer to one message comes in: `hello+TOKEN@...`. `about`: its `reference`. None: we hear no mail.

        The token survives systems that fold case.
        """
        if not self.replies:
            return None
        return f"{self._local}+{folded.reply_token(contact_point_id, about, self._replies_signs[0])}@{self._host}"

    def read_reply(self, local_part: str) -> tuple[int, str] | None:
        """Contact point and `reference` from what stands before the @; None if there is no token of ours in it."""
        return folded.read_reply_token(local_part.rpartition("+")[2], self._replies_signs)

    def read_stop_mail(self, local_part: str, subject: str | None) -> int | None:
        """Whose wish to stop this mail is, by its address or its subject; None where neither holds a token of ours."""
        found = folded.read_stop_token(local_part.rpartition("+")[2], self._replies_signs)
        if found is None and (named := _STOP_SUBJECT.search(subject or "")):
            found = self.read(named[1], Purpose.ONE_CLICK)
        return found

    def answers(self, contact_point_id: int, about: str, names: tuple[str, ...]) -> dict[str, str]:
        """One link per answer; `about` is `reference(campaign, subject key)`."""
        page = self._url(Purpose.ANSWER, f"{base62(contact_point_id)}-{about}")
        return {name: f"{page}?a={name}" for name in names}

    def answer(self, contact_point_id: int, campaign: str, subject_key: str, answer: str) -> str:
        """The page where one answer is chosen already; opening it keeps nothing."""
        return self.answers(contact_point_id, reference(campaign, subject_key), (answer,))[answer]

    def read(self, token: str, purpose: Purpose) -> int | None:
        """Whose link this is; None for anything that is not exactly a token of ours for this purpose."""
        signed = self._unsigned(token, purpose)
        return None if signed is None else _whole(signed.partition("-")[0])

    def read_answer(self, token: str) -> tuple[int, str] | None:
        """Contact point and `reference` of an answer link; None if it is not one."""
        signed = self._unsigned(token, Purpose.ANSWER)
        number, dash, about = (signed or "").partition("-")
        found = _whole(number)
        return (found, about) if found is not None and dash else None

    def _url(self, purpose: Purpose, value: str) -> str:
        return f"{self.base_url}/{purpose.value}/{self._signers[purpose].signed(value)}"

    def _unsigned(self, token: str, purpose: Purpose) -> str | None:
        try:
            signed = self._signers[purpose].unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None
        # base64 has spare bits in its last letter: only the spelling we would write ourselves is ours
        signature = token.rpartition(".")[2]
        return signed if base64_encode(base64_decode(signature)).decode() == signature else None


@lru_cache(maxsize=16)
def reference(campaign: str, subject_key: str) -> str:
    """What a message is about, in 8 letters that tell nothing to anyone else."""
    return urlsafe_b64encode(hashlib.sha256(f"{campaign}|{subject_key}".encode()).digest()[:6]).decode()


def base62(number: int) -> str:
    """`number` >= 0 with digits, capitals and small letters."""
    made = "" if number else "0"
    while number:
        number, digit = divmod(number, 62)
        made = _DIGITS[digit] + made
    return made


def _whole(text: str) -> int | None:
    number = 0
    for letter in text:
        digit = _DIGITS.find(letter)
        if digit < 0:
            return None
        number = number * 62 + digit
    return number if text and base62(number) == text else None
