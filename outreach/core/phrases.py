"""How is "<stop> ... <texts>" looked for in what somebody wrote?

Every word that some pattern names becomes one character, every other word a dot. A message of twelve words is then
twelve characters, and a pattern is an ordinary regular expression over them: short, fast, without backtracking to fear.

    stop  stop|quit   a word, either word                <texts>  <texts|offers>   a word or phrase of that class
    unsub*            every word that begins so          (to me|us)   (all the)?   a phrase; one that may be missing
    <well>*           any number of them
    ..                up to two words between, no comma
    ...  ~  ~~        up to five words, any number of words, of sentences between
    ^  $              where something begins and ends: at a comma or with the sentence;  ^^ $$ with the sentence only

"..." and "~" pass over commas; where nothing stands between two words of a phrase, a comma parts them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from outreach.core.plain_words import COMMA, plain, undoubled
from outreach.core.slips import Slips

END = "\n"  # between sentences
WALL = "#"  # in place of words that are about something else
OTHER = "."  # a word that no pattern names
_FIRST = 0xF0000  # a private-use plane: 65,534 words
_COMMA = f"{COMMA}?"
_WORD = rf"[^{END}{WALL}{COMMA}]"
_MARKS = {
    "^": f"(?<=[{END}{COMMA}])",
    "$": f"(?=[{END}{COMMA}])",
    "^^": f"(?<={END})",
    "$$": f"(?={END})",
    "..": f"{_WORD}{{0,2}}?",
    "...": f"(?:{_COMMA}{_WORD}){{0,5}}?{_COMMA}",
    "~": f"[^{END}{WALL}]*?",
    "~~": f"[^{WALL}]*?",
}
_PIECE = re.compile(r"(?:\([^()]*\)|(?:<[^<>]*>|[^\s<>()?])+)(?:(?<=[>)])\*|\?)?")
_CHOICE = re.compile(r"(?:<[^<>]*>|[^|<>])+")
_BETWEEN = re.compile(r"[\s()|<>?]+")
_LONGEST_STEM = 24  # letters
_ATOM = re.compile(r"<[^<>]*>|[^\s<>]+")

Classes = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class CodeBook:
    """Which character stands for which word. `stems` are words of which only the beginning is given."""

    words: Mapping[str, str]
    stems: Mapping[str, str]
    slips: Slips

    @classmethod
    def of(cls, patterns: Iterable[str], *, mistyped: Iterable[str] = (), right: Iterable[str] = ()) -> "CodeBook":
        """A code for every word in any of `patterns`.

        `mistyped`: words that are heard with a slip of the finger too; `right`: words that are no such slips.
        """
        atoms = {atom for pattern in patterns for atom in _BETWEEN.split(pattern)} - {"", *_MARKS}
        named = sorted({word for atom in atoms if not atom.endswith("*") for word in plain(atom)})
        begun = sorted({_stem(atom) for atom in atoms if atom.endswith("*")} - {""})
        words = {word: chr(_FIRST + n) for n, word in enumerate(named)}
        stems = {stem: chr(_FIRST + len(words) + n) for n, stem in enumerate(begun)}
        slips = Slips.of(words.keys() & set(mistyped), shortest=6, first_letter_right=True)
        return cls(dict.fromkeys(right, OTHER) | words, stems, slips)

    def encoded(self, sentences: Iterable[Sequence[str]]) -> str:
        """The sentences of a message (see `plain_words.sentences`), one character a word, END around each."""
        return END + "".join("".join(map(self.code, sentence)) + END for sentence in sentences)

    def code(self, word: str) -> str:
        """A comma, the word itself, the longest beginning that is known, or the word it is one slip away from."""
        if found := COMMA if word == COMMA else self.words.get(word):
            return found
        for length in range(min(len(word), _LONGEST_STEM), 1, -1):
            if found := self.stems.get(word[:length]):
                return found
        return self.words.get(self.slips.meant(word), OTHER)

    def beginning(self, stem: str) -> set[str]:
        """The codes of all that begins with `stem`."""
        return {c for known in (self.words, self.stems) for word, c in known.items() if word.startswith(stem)} - {OTHER}


def _stem(atom: str) -> str:
    """What words begin with; they are longer than it is, so it loses its doubled letters as they do."""
    return undoubled("".join(plain(atom.removesuffix("*"))), longest=2)


@dataclass(frozen=True)
class Grammar:
    """Reads patterns over one code book and the classes of one language."""

    book: CodeBook
    classes: Classes
    read: dict[str, list[str]] = field(default_factory=dict, compare=False)  # atoms met before

    def compiled(self, pattern: str) -> re.Pattern[str]:
        """The pattern as an expression over `CodeBook.encoded`. Raises ValueError naming what it cannot read."""
        if left := _PIECE.sub("", pattern).strip():
            raise ValueError(f'"{left}" is not understood in "{pattern}"')
        return re.compile("".join(self._piece(piece) for piece in _PIECE.findall(pattern)))

    def _piece(self, piece: str) -> str:
        if piece in _MARKS:
            return _MARKS[piece]
        times = piece[-1] if piece.endswith(("?", ">*", ")*")) else ""
        found = self._any_of(_CHOICE.findall(piece.removesuffix(times).strip("()")))
        return f"(?:{found}{_COMMA})*" if times == "*" else found + times

    def _any_of(self, phrases: Iterable[str], *, inside: frozenset[str] = frozenset()) -> str:
        """Any of the phrases; those of one word are pooled, for the sake of speed."""
        single: set[str] = set()
        longer: set[str] = set()
        for phrase in phrases:
            atoms = [one for atom in _ATOM.findall(phrase) for one in self._known(atom, inside)]
            (single if len(atoms) == 1 and atoms[0].startswith("[") else longer).add("".join(atoms))
        pooled = "".join(sorted({c for one in single for c in one[1:-1]}))
        parts = sorted(longer - {""}, key=lambda part: (-len(part), part)) + ([f"[{pooled}]"] if pooled else [])
        return parts[0] if len(parts) == 1 and parts[0].startswith("[") else f"(?:{'|'.join(parts)})"

    def _known(self, atom: str, inside: frozenset[str]) -> list[str]:
        if atom not in self.read:
            self.read[atom] = self._atom(atom, inside)
        return self.read[atom]

    def _atom(self, atom: str, inside: frozenset[str]) -> list[str]:
        if atom in _MARKS:
            return [_MARKS[atom]]
        if atom.startswith("<"):
            return [self._any_of(self._members(atom[1:-1], inside), inside=inside | set(atom[1:-1].split("|")))]
        if atom.endswith("*"):
            return [f"[{''.join(sorted(self.book.beginning(_stem(atom))))}]"]
        return [f"[{self.book.words[word]}]" for word in plain(atom)]

    def _members(self, names: str, inside: frozenset[str]) -> list[str]:
        for name in names.split("|"):
            if name not in self.classes:
                raise ValueError(f"<{name}> is not a class")
            if name in inside:
                raise ValueError(f"<{name}> holds itself")
        return [member for name in names.split("|") for member in self.classes[name]]
