"""What is this mail to us: a way out, a complaint, a bounce, a machine's answer, or a person? (respect.md 29)

The order is the rule. A stop mail is often sent by a mail program in its owner's name and says `Auto-Submitted` of
itself; a complaint and a bounce say so too. Whoever is left is a person, and somebody will read it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from outreach.inbound.addresses import message_ids
from outreach.inbound.autoreplies import by_machine
from outreach.inbound.bounces import Delivery, deliveries
from outreach.inbound.complaints import complaint
from outreach.inbound.letter import Letter
from outreach.inbound.quoting import new_words

#: A token of ours as links.py writes it: an id in base62, a point, 128 bits in base64.
_TOKEN = r"[0-9A-Za-z]{1,9}\.[0-9A-Za-z_-]{22}"
_IN_SUBJECT = re.compile(rf"\bstop[- _]({_TOKEN})", re.I)
_IN_ADDRESS = re.compile(rf"(?:.*[+=-])?({_TOKEN})")
_STOP_SUBJECT = re.compile(r"stop-\S{1,200}", re.I)
_MOST_REFERENCES = 20


class Kind(StrEnum):
    """What a mail is, in the order in which it is asked."""

    TOKEN = "token"
    COMPLAINT = "complaint"
    BOUNCE = "bounce"
    AUTO = "auto"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a mail is, and about whom.

    `about`: the addresses it concerns: whoever asks to be left alone, complained, or was not reached. `references`:
    Message-IDs of ours that it names, the returned message's first. `token`: of a stop mail, what `read_token` gave;
    None where the token is none of ours, and the wish stands for the From address only (respect.md 33).
    `suppress`: those of `about` to whom nothing more may be sent. `hard`, `status`, `deliveries`: of a bounce.
    `feedback_type`: of a complaint. `by`: what gave a machine away.
    """

    kind: Kind
    about: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    suppress: tuple[str, ...] = ()
    token: int | None = None
    hard: bool = False
    status: str = ""
    feedback_type: str = ""
    deliveries: tuple[Delivery, ...] = ()
    by: str = ""


def sort(letter: Letter, *, read_token: Callable[[str], int | None], own: Collection[str] = ()) -> Sorted:
    """Which kind `letter` is.

    `read_token`: whose stop link a token belongs to, None for none of ours (Links.read for ONE_CLICK). `own`: our own
    addresses, so that a mailbox which is a group does not look like somebody's mailing list.
    """
    references = _references(letter)
    return (
        _stop_mail(letter, references, read_token)
        or _complaint(letter, references)
        or _bounce(letter, references)
        or _by_machine(letter, references, own)
        or Sorted(Kind.HUMAN, about=_sender(letter), references=references)
    )


def _stop_mail(letter: Letter, references: tuple[str, ...], read_token: Callable[[str], int | None]) -> Sorted | None:
    """Somebody used the mailto of our List-Unsubscribe, or their mail program did (respect.md 8)."""
    token = next((found for text in _tokens(letter) if (found := read_token(text)) is not None), None)
    asked = letter.headers.word("x-apple-unsubscribe") == "true" or bool(_STOP_SUBJECT.fullmatch(letter.subject))
    if token is None and not asked:
        return None
    about = _sender(letter)
    return Sorted(Kind.TOKEN, about=about, references=references, suppress=about, token=token)


def _tokens(letter: Letter) -> Iterator[str]:
    """Whatever might be a token: in the subject, or in an address the mail came to."""
    yield from _IN_SUBJECT.findall(letter.subject)
    for address in letter.to:
        if found := _IN_ADDRESS.fullmatch(address.partition("@")[0]):
            yield found[1]


def _complaint(letter: Letter, references: tuple[str, ...]) -> Sorted | None:
    found = complaint(letter)
    if found is None:
        return None
    suppress = found.addresses if found.unwanted else ()
    kind = found.feedback_type
    return Sorted(Kind.COMPLAINT, about=found.addresses, references=references, suppress=suppress, feedback_type=kind)


def _bounce(letter: Letter, references: tuple[str, ...]) -> Sorted | None:
    found = deliveries(letter)
    if not found:
        return None
    dead = [one for one in found if one.hard]
    return Sorted(
        Kind.BOUNCE,
        about=_named(found),
        references=references,
        suppress=_named(dead),
        hard=bool(dead),
        status=next((one.status for one in (*dead, *found) if one.status), ""),
        deliveries=found,
    )


def _by_machine(letter: Letter, references: tuple[str, ...], own: Collection[str]) -> Sorted | None:
    by = by_machine(letter, new_words(letter.text, ()), own)
    return Sorted(Kind.AUTO, about=_sender(letter), references=references, by=by) if by else None


def _sender(letter: Letter) -> tuple[str, ...]:
    return (letter.from_address,) if letter.from_address else ()


def _named(found: Collection[Delivery]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.address for one in found if one.address))


def _references(letter: Letter) -> tuple[str, ...]:
    """Ids that may be ours: of the message that came back, then of what this one answers."""
    returned = letter.reports.returned
    inside = message_ids(returned.first("message-id")) if returned else ()
    stated = [one for block in letter.reports.status for one in message_ids(block.first("original-message-id"))]
    answered = (letter.in_reply_to,) if letter.in_reply_to else ()
    return tuple(dict.fromkeys((*inside, *stated, *answered, *reversed(letter.references))))[:_MOST_REFERENCES]
