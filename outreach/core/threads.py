"""How does a mail say what it answers, and keep a stranger's words out of its headers? (RFC 5322 3.6.4, RFC 3834)"""

import re
import unicodedata
from collections.abc import Sequence

#: A header line may have 998 characters (RFC 5322, 2.1.1); References gives up those between the first and the newest.
LONGEST_REFERENCES, LONGEST_ID = 900, 250
LONGEST_SUBJECT = 120
_ID = re.compile(r"<[!-;=?-~]{3,248}>")
#: "Re:" as mail programs of many languages write it: AW (de), RES (pt), RV and FW (es, en), SV (sv), R (it), ...
_AGAIN = re.compile(r"\s*(?:re|aw|antw|res|enc|rv|fwd?|wg|tr|sv|vs|r|odp)(?:\[\d+\])?\s*:\s*", re.I)
#: Words that mail programs would decode into others.
_ENCODED = re.compile(r"=\?[^?]*\?[bq]\?", re.I)
#: What an advertisement needs and a thread does not.
_LURE = re.compile(r"://|\bwww\.|@|\w\.(?:com|net|org|info|biz|io|ru|cn|xyz|top|link|ly|me|shop)\b|\d{6,}", re.I)


def thread_headers(thread: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """In-Reply-To and References for an answer to the last of these Message-IDs, oldest first; none without one.

    What is no Message-ID (RFC 5322 3.6.4), or too long to be carried on, is left out.
    """
    known = [each for each in dict.fromkeys(thread) if len(each) <= LONGEST_ID and _ID.fullmatch(each)]
    if not known:
        return ()
    while len(" ".join(known)) > LONGEST_REFERENCES:
        del known[1]
    return (("In-Reply-To", known[-1]), ("References", " ".join(known)))


def answering_subject(subject: str | None, *, automatic: bool) -> str | None:
    """`Re: ` and the thread's subject; None where the answer keeps its own.

    A machine never repeats a subject that could be an advertisement sent in somebody else's name (RFC 3834, 4: no
    reflector): one with an address of the web, a mailbox or a long number.
    """
    bare = _bare(subject or "")
    if not bare or _ENCODED.search(bare) or (automatic and (_LURE.search(bare) or len(bare) > LONGEST_SUBJECT)):
        return None
    return f"Re: {bare[:LONGEST_SUBJECT].rstrip()}"


def _bare(subject: str) -> str:
    """One line without the letters that steer, and without the "Re:" of those who answered before."""
    line = " ".join("".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in subject).split())
    while found := _AGAIN.match(line):
        line = line[found.end() :]
    return line.strip()
