"""Which word did somebody mean whose finger slipped: one letter missing, too many, wrong, or in the wrong place?

Two words one slip apart have a word in common once each may lose a letter (the idea of SymSpell, Garbe 2012), so that
a slip is found by looking up the few shortened forms of a word, however many words are known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_LONGEST = 24  # letters; nothing longer is a slip


@dataclass(frozen=True, slots=True)
class Slips:
    """Known words by their shortened forms. `shortest`: letters from which on slips are believed."""

    known: Mapping[str, str]  # shortened form, or the word -> the word
    shortest: int
    first_letter_right: bool

    @classmethod
    def of(cls, words: Iterable[str], *, shortest: int, first_letter_right: bool = False) -> "Slips":
        """Of `words`, those of at least `shortest` letters. Where two could be meant, the first in the alphabet is."""
        known: dict[str, str] = {}
        for word in sorted(word for word in words if len(word) >= shortest):
            for less in _shortened(word, first_letter_right):
                known.setdefault(less, word)
            known[word] = word
        return cls(known, shortest, first_letter_right)

    def meant(self, word: str) -> str:
        """The known word that `word` is, or is one slip away from; "" for none."""
        if not self.shortest <= len(word) <= _LONGEST:
            return ""
        forms = (word, *_shortened(word, self.first_letter_right))
        return next((self.known[form] for form in forms if form in self.known), "")


def _shortened(word: str, first_letter_right: bool) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(int(first_letter_right), len(word))]
