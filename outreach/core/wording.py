"""Which words and phrases do we know, and how are they made ready to hear with?

The wording is data (config/keywords.yaml). It is prepared once: every phrase of every language, and every shared one
with the classes of each language that has them. What the weights (`hunch`) were not learned with, the shop added.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from outreach.core.hunch import Hunch, mark
from outreach.core.phrases import CodeBook, Grammar
from outreach.core.plain_words import plain
from outreach.core.slips import Slips

Phrases = tuple[str, ...]
_CLASS = re.compile(r"<([^<>]*)>")


class Unreadable(ValueError):
    """A phrase cannot be read. `path`: where it stands in the file, as keys and 0-based positions."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.path = path


class Meaning(StrEnum):
    """What a phrase tells us. What is kept narrows what stops."""

    STOP = "stop"
    UNSURE = "unsure"  # it may be a wish: campaigns wait and a person reads it
    UNLESS = "unless"  # it is about something else, and set aside before the others are asked
    KEEPS_ORDERS = "keeps_orders"
    KEEPS_EMAIL = "keeps_email"
    KEEPS_TEXT = "keeps_text"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words and phrases of one language, as its file has them. `whole`: messages that are only this, by wish."""

    whole: Mapping[str, Phrases] = field(default_factory=dict)
    classes: Mapping[str, Phrases] = field(default_factory=dict)
    phrases: Mapping[Meaning, Phrases] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """All that is known. `polite` words change nothing; words `spelled_right` are no slips of the finger; the words of
    classes in `mistyped` are heard with a slip too.

    `everywhere`: phrases asked in every language that has all classes they name; its classes add to each language's.
    """

    languages: Mapping[str, Tongue]
    everywhere: Tongue = Tongue()
    polite: Phrases = ()
    spelled_right: Phrases = ()
    mistyped: Phrases = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase of one language, ready to be looked for."""

    phrase: str
    language: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Keyword:
    """What a whole message of this word asks for."""

    wish: str
    word: str
    language: str


@dataclass(frozen=True, slots=True)
class Words:
    """The wording, ready to hear with. `groups`: the classes, of all languages together; `own`: what the shop added to
    `stop`, by a phrase or by a word of a class."""

    book: CodeBook
    slips: Slips
    polite: frozenset[str]
    spelled_right: frozenset[str]
    whole: Mapping[str, Keyword]  # by its plain words
    rules: Mapping[Meaning, tuple[Rule, ...]]
    groups: tuple[tuple[str, re.Pattern[str]], ...]
    own: tuple[Rule, ...] = ()
    hunch: Hunch | None = None


def prepared(wording: Wording, hunch: Hunch | None = None) -> Words:
    """Everything compiled; a fraction of a second, once a process. Raises Unreadable."""
    right = _plain_words(wording.spelled_right)
    book = CodeBook.of(_texts(wording), mistyped=_mistyped(wording), right=right)
    rules = list(_rules(wording, book))
    whole = dict(reversed(list(_keywords(wording))))  # the first language that has a word keeps it
    return Words(
        book=book,
        slips=Slips.of((body for body, word in whole.items() if word.wish == "stop" and " " not in body), shortest=4),
        polite=_plain_words(wording.polite),
        spelled_right=right,
        whole=whole,
        rules={meaning: tuple(rule for kind, rule in rules if kind is meaning) for meaning in Meaning},
        groups=tuple(_groups(wording, book)),
        own=tuple(_own(wording, book, hunch.known)) if hunch else (),
        hunch=hunch,
    )


def marks(wording: Wording) -> Iterator[int]:
    """Every phrase and class member by its mark: what weights learned with this wording know."""
    for language, tongue in (("", wording.everywhere), *wording.languages.items()):
        yield from (mark(language, "stop", phrase) for phrase in tongue.phrases.get(Meaning.STOP, ()))
        for name, members in tongue.classes.items():
            yield from (mark(language, name, member) for member in members)


def _groups(wording: Wording, book: CodeBook) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each class, with its members in all languages."""
    classes: dict[str, Phrases] = {}
    for tongue in (wording.everywhere, *wording.languages.values()):
        classes = _together(classes, tongue.classes)
    grammar = Grammar(book, classes)
    yield from ((name, grammar.compiled(f"<{name}>")) for name in sorted(classes) if classes[name])


def _own(wording: Wording, book: CodeBook, known: frozenset[int]) -> Iterator[Rule]:
    """The phrases of `stop` that are not known, and the known ones with only those members of a class that are not."""
    shared = wording.everywhere
    for language, tongue in wording.languages.items():
        classes = _together(tongue.classes, shared.classes)
        asked = [*(("", phrase) for phrase in shared.phrases.get(Meaning.STOP, ()) if _named(phrase) <= classes.keys())]
        asked += [(language, phrase) for phrase in tongue.phrases.get(Meaning.STOP, ())]
        grammar = Grammar(book, classes)
        yield from (_rule(grammar, text, language) for of, text in asked if mark(of, "stop", text) not in known)
        for name, members in classes.items():
            new = tuple(m for m in members if known.isdisjoint((mark(language, name, m), mark("", name, m))))
            told = Grammar(book, classes | {name: new})
            yield from (_rule(told, text, language) for _, text in asked if new and name in _named(text))


def _rule(grammar: Grammar, phrase: str, language: str) -> Rule:
    return Rule(phrase, language, grammar.compiled(phrase))


def _texts(wording: Wording) -> Iterator[str]:
    """Every phrase and class member: what the code book must know."""
    for tongue in (wording.everywhere, *wording.languages.values()):
        for phrases in (*tongue.classes.values(), *tongue.phrases.values()):
            yield from phrases


def _mistyped(wording: Wording) -> frozenset[str]:
    """The single words of the forgiving classes."""
    tongues = (wording.everywhere, *wording.languages.values())
    members = (member for tongue in tongues for name in wording.mistyped for member in tongue.classes.get(name, ()))
    return _plain_words(member for member in members if " " not in member and not member.endswith("*"))


def _rules(wording: Wording, book: CodeBook) -> Iterator[tuple[Meaning, Rule]]:
    """For each language the shared phrases it has all classes for, then its own."""
    shared = wording.everywhere
    for language, tongue in wording.languages.items():
        classes = _together(tongue.classes, shared.classes)
        grammar = Grammar(book, classes)
        for path, one in ((("everywhere",), shared), (("languages", language), tongue)):
            for meaning, phrases in one.phrases.items():
                for n, phrase in enumerate(phrases):
                    if one is tongue or _named(phrase) <= classes.keys():
                        yield meaning, Rule(phrase, language, _compiled(grammar, phrase, (*path, meaning.value, n)))


def _compiled(grammar: Grammar, phrase: str, path: tuple[str | int, ...]) -> re.Pattern[str]:
    try:
        return grammar.compiled(phrase)
    except ValueError as error:
        raise Unreadable(str(error), path) from None


def _together(some: Mapping[str, Phrases], more: Mapping[str, Phrases]) -> dict[str, Phrases]:
    return {name: (*some.get(name, ()), *more.get(name, ())) for name in some.keys() | more.keys()}


def _named(phrase: str) -> set[str]:
    return {name for names in _CLASS.findall(phrase) for name in names.split("|")}


def _keywords(wording: Wording) -> Iterator[tuple[str, Keyword]]:
    for language, tongue in wording.languages.items():
        for wish, words in tongue.whole.items():
            yield from ((" ".join(plain(word)), Keyword(wish, word, language)) for word in words)


def _plain_words(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in plain(phrase))
