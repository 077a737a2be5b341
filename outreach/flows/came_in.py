"""What can be read of something that came in, from its bytes alone? A mail as a mail, a text as the form it came in."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from outreach.core.terms import Channel
from outreach.inbound.decoding import decoded
from outreach.inbound.letter import Letter, read_letter

_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Raw:
    """Who wrote and what. `address` "": it does not say; `letter`: None for what is no mail."""

    channel: Channel
    address: str
    subject: str
    words: str
    letter: Letter | None


def read_raw(raw: bytes) -> Raw:
    """As much of it as makes sense. Never raises; words hold no control characters."""
    letter = read_letter(raw)
    if letter.from_address:
        return Raw(Channel.EMAIL, letter.from_address, letter.subject, letter.text, letter)
    form = parse_qs(raw[:_LONGEST].decode("utf-8", "replace"))
    if "From" in form:
        return Raw(Channel.TEXT, _first(form, "From"), "", _first(form, "Body"), None)
    return Raw(Channel.EMAIL, "", letter.subject, decoded(raw[:_LONGEST]), None)


def _first(form: dict[str, list[str]], name: str) -> str:
    return decoded(form.get(name, [""])[0].encode())
