"""Does a message sound like a person, or like a stranger who sells? Thoughts, never errors (settled 32).

The words stand in config/tone.yaml, by language. What is read are a template's own words: what customers are called
and what they own is theirs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from outreach.core.errors import Finding, Place
from outreach.core.terms import Severity
from outreach.documents import Document, load
from outreach.render.source import Source

FILE = "config/tone.yaml"
#: What customers do not read: marks, where a link goes, elements.
_UNREAD = re.compile(
    r"\{[{%#].*?[}%#]\}|\]\([^)\n]*\)|<(style|script|title)\b.*?</\1>|<!--.*?-->|</?[a-zA-Z!?][^>]*>", re.S | re.I
)
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\ufe0f\U0001f000-\U0001faff]")
_SHOUT = re.compile(r"(?<![\w/&])([^\W\d_a-z]{2,}(?:[ ,]+[^\W\d_a-z]{2,})+|[^\W\d_a-z]{5,})(?![\w/])")
_MARK = re.compile(r"[!¡]+(?![\[(])")
_CLOCK = re.compile(r"\b\d{1,2}:\d\d:\d\d\b")
_WHY = {
    "hurry": "nobody has to hurry for our sake: say until when, once",
    "flatter": "it says what nobody who writes to thousands can mean",
}


class Words(Document):
    """What one language says when it sells."""

    hurry: tuple[str, ...] = ()
    flatter: tuple[str, ...] = ()
    pretend: tuple[str, ...] = ()
    nowhere: tuple[str, ...] = ()


class _File(Document):
    languages: dict[str, Words] = {}
    capitals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tone:
    """The words of one language, ready to be looked for."""

    words: Words = field(default_factory=Words)
    capitals: frozenset[str] = frozenset()

    @cached_property
    def phrases(self) -> Mapping[str, re.Pattern[str]]:
        """By kind, what to look for in a message."""
        kinds = {"hurry": self.words.hurry, "flatter": self.words.flatter}
        return {kind: _any_of(phrases) for kind, phrases in kinds.items() if phrases}

    @cached_property
    def nowhere(self) -> frozenset[str]:
        """Link words that say nothing."""
        return frozenset(phrase.casefold() for phrase in self.words.nowhere)


@dataclass(frozen=True, slots=True)
class Tones:
    """All languages of config/tone.yaml."""

    file: _File = field(default_factory=_File)

    def of(self, language: str) -> Tone:
        """The words for `language`, or those of its base (pt for pt-BR)."""
        known = self.file.languages
        found = known.get(language) or known.get(language.partition("-")[0]) or Words()
        return Tone(found, frozenset(self.file.capitals))


def load_tones(project: Path) -> Tones:
    """The project's words; none without the file. Raises Misuse (OUT-601) naming file:line:column."""
    path = project / FILE
    return Tones(load(path, _File, shown=FILE)) if path.is_file() else Tones()


def tone_of(source: Source, tone: Tone) -> Iterator[Finding]:
    """What in a file's own words sounds wrong, each at its place (OUT-141)."""
    for at, text in _stretches(source):
        for message, found in _sounds(text, tone):
            yield _thought(message, source.place(at + found.start(), len(found[0])))
    yield from _subject(source, tone)


def _stretches(source: Source) -> Iterator[tuple[int, str]]:
    """The words customers read, with where they start; what they do not read is blanked, letter for letter."""
    for key in ("subject", "preview", "why"):
        value = getattr(source.front, key)
        start = source.front_at(key)
        if value and start:
            yield start, _UNREAD.sub(_blank, source.text[start : source.text.find("\n", start)])
    yield source.body_at, _UNREAD.sub(_blank, source.body)


def _blank(found: re.Match[str]) -> str:
    """Spaces, but for the words a value may fall back to: or("there")."""
    made = [" "] * len(found[0])
    for quoted in _QUOTED.finditer(found[0]) if found[0].startswith("{{") else ():
        made[quoted.start() + 1 : quoted.end() - 1] = found[0][quoted.start() + 1 : quoted.end() - 1]
    return "".join(made)


def _sounds(text: str, tone: Tone) -> Iterator[tuple[str, re.Match[str]]]:
    for found in _MARK.finditer(text):
        yield "an exclamation mark shouts: a full stop will do", found
    for found in _SHOUT.finditer(text):
        if not set(re.findall(r"\w+", found[1])) <= tone.capitals and found[1].isupper():
            yield f'"{found[1]}" shouts: write it in small letters', found
    for found in _CLOCK.finditer(text):
        yield "a countdown hurries people", found
    for kind, phrases in tone.phrases.items():
        for found in phrases.finditer(text):
            yield f'"{found[0]}": {_WHY[kind]}', found


def _subject(source: Source, tone: Tone) -> Iterator[Finding]:
    for key in ("subject", "preview"):
        said, start = getattr(source.front, key) or "", source.front_at(key)
        if emoji := _EMOJI.search(said):
            at = source.front_offsets(key, said)[emoji.start()]
            yield _thought(f"a picture in the {key} is how strangers write", source.place(at))
        poses = next((word for word in tone.words.pretend if said.casefold().startswith(word.casefold())), "")
        if poses and key == "subject":
            yield _thought(f'"{said[: len(poses)]}" poses as an answer', source.place(start, len(poses)))


def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, however many spaces between them; `*` is one word, or the rest of one."""
    written = (r"\s+".join(re.escape(word).replace(r"\*", r"\w+") for word in each.split()) for each in phrases)
    loose = "|".join(one.replace("'", "['’]") for one in written)
    return re.compile(rf"(?<!\w)(?:{loose})(?!\w)", re.I)


def _thought(message: str, place: Place) -> Finding:
    return Finding("OUT-141", message, place, severity=Severity.WARNING)
