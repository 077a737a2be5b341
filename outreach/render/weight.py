"""Is a message longer or dearer than it need be? Words, questions and subjects of emails; parts of texts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from outreach.core.errors import Finding, Place
from outreach.core.segments import Parts, parts
from outreach.core.terms import Channel, Severity
from outreach.render.content import Content
from outreach.render.filters import plain
from outreach.render.people import USUAL
from outreach.render.source import Source

#: Before the footer, for the usual person.
MOST_WORDS = 150
#: Phones show about 40 letters of a subject; more than this is cut for nearly everyone.
MOST_SUBJECT = 50
#: Gmail cuts a message near 102 kB; we refuse more than 100.
MOST_HTML = 90_000
#: For the usual person: in letters a text is made for, and in scripts that have to use the wide alphabet.
USUAL_PARTS, USUAL_WIDE_PARTS = 1, 2
#: For the most awkward person.
MOST_PARTS = 5
_ADDRESS = re.compile(r"(?:https?|mailto):\S+")
_FOOT = "\n-- \n"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a text costs in parts: for the usual person, and at worst (and for whom)."""

    usual: int
    worst: int
    whom: str


def cost_of(contents: Mapping[str, Content]) -> Cost | None:
    """The parts of a text; None for an email, or when the usual person cannot be written to."""
    counts = {name: content.parts for name, content in contents.items() if content.parts is not None}
    if USUAL not in counts:
        return None
    whom = max(counts, key=lambda name: counts[name])
    return Cost(counts[USUAL], counts[whom], whom)


def weight_of(source: Source, channel: Channel, contents: Mapping[str, Content]) -> Iterator[Finding]:
    """Thoughts about length, for the usual person (OUT-140, 141, 150, 151) and at worst (OUT-151, 152)."""
    usual = contents.get(USUAL)
    if usual is None:
        return
    if channel is Channel.TEXT:
        yield from _parts(source, usual.text, contents)
    else:
        yield from _email(source, usual)
        largest = max(contents, key=lambda name: len((contents[name].html or "").encode()))
        if len((contents[largest].html or "").encode()) > MOST_HTML:
            message = f"the HTML for {largest} is larger than {MOST_HTML // 1000} kB: mail programs cut near 102 kB"
            yield _thought("OUT-152", message, Place(source.file))


def _email(source: Source, usual: Content) -> Iterator[Finding]:
    body = _ADDRESS.sub("", usual.text.partition(_FOOT)[0])
    words = len(re.findall(r"\w[\w'’-]*", body))
    if words > MOST_WORDS:
        message = f"this email has {words} words before the footer; {MOST_WORDS} are enough"
        yield _thought("OUT-140", message, source.place(source.body_at))
    if _questions(body) > 1:
        message = f"this email asks {_questions(body)} questions: people answer one"
        yield _thought("OUT-141", message, source.place(source.body_at))
    subject = usual.subject or ""
    if len(subject) > MOST_SUBJECT:
        said = f"the subject is {len(subject)} characters: phones show about 40"
        yield _thought("OUT-150", said, source.place(source.front_at("subject")), facts=(f"as in: {subject}",))


def _questions(body: str) -> int:
    """Sentences that ask; a greeting of a few words (Olá, tudo bem?) asks nothing."""
    greeting, _, rest = body.partition("\n")
    return len(re.findall(r"[?؟]+", rest if len(greeting.split()) <= 4 else body))


def _parts(source: Source, text: str, contents: Mapping[str, Content]) -> Iterator[Finding]:
    now = parts(text)
    wide = parts(plain(text) or "").encoding == "UCS-2"
    if now.count > (USUAL_WIDE_PARTS if wide else USUAL_PARTS):
        at = _odd_at(source, now.odd)
        yield _thought("OUT-151", f"{_dear(now, text)} for the usual person", source.place(at), facts=(mend(text),))
        return
    cost = cost_of(contents)
    if cost is not None and cost.worst > MOST_PARTS:
        place = source.place(source.body_at)
        facts = ("a list can be cut short: names(3)",)
        yield _thought("OUT-151", f"this is {cost.worst} parts for {cost.whom}", place, facts=facts)


def _dear(now: Parts, text: str) -> str:
    without = parts(plain(text) or "").count
    if now.odd and without < now.count:
        return f"{', '.join(now.odd[:5])} make this {now.count} parts ({without} without)"
    return f"this is {now.count} parts"


def mend(text: str) -> str:
    """What saves a part most cheaply: another letter for the odd ones, or fewer letters. "" for one part."""
    now = parts(text)
    other = plain(text) or ""
    if now.count < 2:
        return ""
    if now.odd and parts(other).count < now.count:
        swaps = [f"{odd} → {plain(odd)}" for odd in now.odd if plain(odd) != odd]
        saved = now.count - parts(other).count
        return f"{', '.join(swaps[:5])} saves {saved} part{'s' if saved > 1 else ''}"
    over = _over(text, now.count - 1)
    return f"remove {over} character{'s' if over > 1 else ''} to save a part"


def _over(text: str, wanted: int) -> int:
    """How many letters have to go from the end until `wanted` parts hold the rest."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high) // 2
        if parts(text[: len(text) - middle]).count <= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _odd_at(source: Source, odd: str) -> int:
    """Where the first of these letters stands among the template's own; else where the body begins."""
    found = re.search(f"[{re.escape(odd)}]", source.body) if odd else None
    return source.body_at + (found.start() if found else 0)


def _thought(code: str, message: str, place: Place, *, facts: tuple[str, ...] = ()) -> Finding:
    return Finding(code, message, place, facts=facts, severity=Severity.WARNING)
