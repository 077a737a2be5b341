"""Which words of a reply are new, and not ours or somebody else's quoted back?

Our own footer says "unsubscribe"; heard as the customer's words it would opt out everybody who answers (respect.md 32).
Three cuts, each taken back if it would leave nothing: lines of our own stored text; everything below the heading that
mail programs put above a quote (ours for the languages we meet, the library's for the rest); `>` and the signature of
a telephone. A person's own signature stays: an opt-out below "Best regards" is one too.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

from outreach.inbound import quote_marks as marks

Lines = list[str]
_MOST = 64 * 1024  # characters that are looked at
_MOST_LINES = 4_000
_LONGEST_LINE = 600  # characters of a line that a pattern sees
_LIBRARY_LINE, _LIBRARY_LINES = 160, 200
_JOINED = 4  # lines over which a mail program may break its heading
_LONGEST_HEADING = 500
_NESTED = 8  # quotes within quotes
_LONGEST_SIGN = 120
_ENOUGH = 18  # letters of ours that nobody writes by chance
_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad\u034f\u200e\u200f\u202a-\u202e]")
_QUOTE = re.compile(r"^[ \t]{0,3}(?:[>|»›][ \t]?)+")
_LINK = re.compile(r"[<\[(]?(?:https?://|mailto:)[^\s<>\])]*[>\])]?", re.I)
_NOT_LETTERS = re.compile(r"[\W_]+")
_SIGNATURE = re.compile(r"[ \t]*--[ \t]*")
_LIBRARY = EmailReplyParser(languages=sorted(MAIL_LANGUAGES))


def new_words(text: str, ours: Sequence[str]) -> str:
    """What somebody wrote anew in `text`. Never empty unless `text` is blank; linear in its length.

    `ours`: the text parts of messages we sent them, as stored; lines found in them are not theirs.
    """
    lines = _INVISIBLE.sub("", text[:_MOST].replace("\r\n", "\n").replace("\r", "\n")).split("\n")[:_MOST_LINES]
    cuts: tuple[Callable[[Lines], Lines], ...] = (
        lambda those: _without_ours(those, ours),
        _above_quote,
        _as_the_library_cuts,
        _without_marked,
        _without_signature,
    )
    for cut in cuts:
        shorter = cut(lines)
        lines = shorter if _says(shorter) else lines
    return "\n".join(line.rstrip() for line in lines).strip() or text.strip()[:_MOST]


def _says(lines: Lines) -> bool:
    """Whether anything is left to read."""
    return any(_letters(line) or line.strip(" \t>|*_-=.") for line in lines)


def _letters(line: str) -> str:
    """A line without quote marks, links, and everything that mail programs change: spaces, stars, case."""
    return _NOT_LETTERS.sub(" ", _LINK.sub(" ", _QUOTE.sub("", line, count=1))).strip().casefold()


def _without_ours(lines: Lines, ours: Sequence[str]) -> Lines:
    """A long line that stands in our text is ours, however it was broken; a short one if it is quoted or among ours.

    "Unsubscribe" alone may be the label of our link or all that somebody wrote: unquoted and on its own it is theirs.
    """
    if not ours:
        return lines
    stored = " " + " ".join(_letters(text.replace("\n", " \n ")) for text in ours) + " "
    labels = Counter(_letters(line) for text in ours for line in text.split("\n"))
    kept: Lines = []
    among = False
    for line in lines:
        letters = _letters(line)
        if not letters:
            kept.append(line)
            continue
        quoted = bool(_QUOTE.match(line))
        found = f" {letters} " in stored
        among = found and (len(letters) >= _ENOUGH or quoted or (among and labels[letters] > 0))
        if among:
            labels[letters] -= 1  # as often as we wrote it; once more is theirs
        else:
            kept.append(line)
    if _says(kept):
        return kept
    return [line for line in lines if _says([line])][:1]  # they sent nothing but our own text: its greeting


def _above_quote(lines: Lines) -> Lines:
    """Everything above the first heading of a quote; answers that stand between quoted lines below it stay."""
    for _ in range(_NESTED):
        at, length = next(((at, length) for at in range(len(lines)) if (length := _heading(lines, at))), (0, 0))
        if not length:
            break
        above, below = lines[:at], lines[at + length :]
        if _says(above) and not _quoted_next(below):
            return above
        lines = above + ([line for line in below if not _QUOTE.match(line)] if _quoted_next(below) else below)
    return lines


def _quoted_next(lines: Lines) -> bool:
    return any(_QUOTE.match(line) for line in [line for line in lines if line.strip()][:1])


def _heading(lines: Lines, at: int) -> int:
    """How many lines the heading takes that begins at `at`; 0 if none does."""
    line = lines[at][:_LONGEST_LINE]
    if not line.strip():
        return 0
    if marks.RULE.fullmatch(line):
        return 1
    return _outlook(lines, at) if marks.HEADING.fullmatch(line) else _wrote(lines, at)


def _outlook(lines: Lines, at: int) -> int:
    """`From:` among three such lines, or just above `Sent:`."""
    block: Lines = []
    for line in lines[at : at + 12]:
        if line.strip() and not marks.HEADING.fullmatch(line[:_LONGEST_LINE]):
            break
        block.append(line[:_LONGEST_LINE])
    said = [line for line in block if line.strip()]
    senders = [line for line in said if marks.HEADING_FROM.fullmatch(line)]
    short = len(said) == 2 and "@" in said[0] and marks.HEADING_SENT.fullmatch(said[1])
    return len(block) if senders and (len(said) >= 3 or short) else 0


def _wrote(lines: Lines, at: int) -> int:
    """`On Tuesday, 3 May, Anna <a@b.example> wrote:`, on one line or broken over a few."""
    first = _QUOTE.sub("", lines[at], count=1).strip()
    if not marks.BEGINS.match(first):
        return 0
    joined = ""
    for length, line in enumerate(lines[at : at + _JOINED], start=1):
        joined = f"{joined} {_QUOTE.sub('', line, count=1).strip()}".strip()
        if not line.strip() or len(joined) > _LONGEST_HEADING:
            return 0
        if joined.endswith((":", "：", "写道", "작성")) and _by_a_program(joined):
            return length
    return 0


def _by_a_program(heading: str) -> bool:
    verb = marks.WROTE.search(heading) and not marks.MYSELF.search(heading)
    return bool(marks.BARE.fullmatch(heading) or (verb and marks.DATED.search(heading)))


def _as_the_library_cuts(lines: Lines) -> Lines:
    """Where mail-parser-reply sees the first heading, which it knows in languages we do not.

    It is shown short lines only, since its patterns look far back, and none of its other cuts is taken: it takes
    "- no more, please" and all below "Thanks," for signatures.
    """
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    shown = [line[:_LIBRARY_LINE].strip() for line in lines[start : start + _LIBRARY_LINES]]
    seen = "\n".join("" if marks.DRAWN.fullmatch(line) else line for line in shown)
    replies = _LIBRARY.read(seen).replies
    if len(replies) < 2 or replies[0].headers:
        return lines
    return lines[: start + replies[0].content.count("\n") + 1]


def _without_marked(lines: Lines) -> Lines:
    return [line for line in lines if not _QUOTE.match(line)]


def _without_signature(lines: Lines) -> Lines:
    """Without `-- ` and what follows it, without the telephone's line, without lines drawn at the end."""
    said = next((at for at, line in enumerate(lines) if _says([line])), len(lines))
    at = next((at for at, line in enumerate(lines) if at > said and _SIGNATURE.fullmatch(line)), len(lines))
    kept = [line for line in lines[:at] if len(line) > _LONGEST_SIGN or not marks.TELEPHONE.fullmatch(line.strip())]
    while kept and (not kept[-1].strip() or marks.DRAWN.fullmatch(kept[-1][:_LONGEST_LINE])):
        kept.pop()
    return kept
