"""Which words of five languages mean much the same thing?

A text in one language then teaches us something about all of them: "plus de courriels", "keine Mails mehr" and "no more
emails" are made of the same ideas. An idea is a name and the words that carry it; a word may carry several.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from outreach.core.plain_words import plain, undoubled

#: Words of this idea (the, le, der) are passed over.
PASSED = "_"
_LONGEST = 20  # letters of a beginning or an ending
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Glossary:
    """Ideas by whole word, by how a word begins, and by how it ends ("Werbemail")."""

    words: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, tuple[str, ...]]
    ends: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Glossary":
        """From lines of `idea: word stem* *ending`; an empty line and one that begins with # says nothing."""
        kinds: tuple[dict[str, list[str]], ...] = ({}, {}, {})
        for idea, _, members in (line.partition(":") for line in lines if not line.startswith("#")):
            for member in members.split():
                kind, word = _read(member)
                ideas = kinds[kind].setdefault(word, [])
                if word and idea not in ideas:
                    ideas.append(idea)
        words, stems, ends = ({word: tuple(ideas) for word, ideas in kind.items()} for kind in kinds)
        return cls(words, stems, ends)

    def ideas(self, word: str) -> tuple[str, ...]:
        """What a plain word is about: by itself, else its longest known beginning, else its longest known ending."""
        if found := self.words.get(word):
            return found
        for length in range(min(len(word), _LONGEST), _SHORTEST - 1, -1):
            if found := self.stems.get(word[:length]):
                return found
        for length in range(min(len(word) - 2, _LONGEST), _SHORTEST, -1):
            if found := self.ends.get(word[-length:]):
                return found
        return ()


def _read(member: str) -> tuple[int, str]:
    """0 a word, 1 a beginning, 2 an ending; and its letters as `plain` has them."""
    letters = "".join(plain(member.strip("*")))
    if member.endswith("*"):
        return 1, undoubled(letters, longest=2)
    return (2 if member.startswith("*") else 0), letters
