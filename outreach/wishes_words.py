"""Which words and phrases does this shop listen for? config/keywords.yaml, checked."""

from pathlib import Path
from typing import Any

from outreach.core.errors import Misuse, Place
from outreach.core.wording import Meaning, Tongue, Unreadable, Wording, Words, prepared
from outreach.documents import Document, load, position, tree

FILE = "config/keywords.yaml"
CODE = "OUT-507"
_Phrases = tuple[str, ...]


class _Whole(Document):
    """Messages that are only this."""

    stop: _Phrases = ()
    start: _Phrases = ()
    help: _Phrases = ()


class _Phrased(Document):
    """The phrases of one language, or those asked in every language; one key for each meaning."""

    classes: dict[str, _Phrases] = {}
    stop: _Phrases = ()
    unsure: _Phrases = ()
    unless: _Phrases = ()
    keeps_orders: _Phrases = ()
    keeps_email: _Phrases = ()
    keeps_text: _Phrases = ()

    def tongue(self, whole: _Whole | None = None) -> Tongue:
        said: dict[str, _Phrases] = whole.model_dump() if whole else {}
        return Tongue(said, self.classes, {meaning: getattr(self, meaning.value) for meaning in Meaning})


class _Language(_Phrased):
    whole: _Whole = _Whole()


class _File(Document):
    polite: _Phrases = ()
    spelled_right: _Phrases = ()
    mistyped: _Phrases = ()
    everywhere: _Phrased = _Phrased()
    languages: dict[str, _Language]


def load_words(project: Path) -> Words:
    """The project's words, ready to hear with. Raises Misuse (OUT-507) naming file:line:column."""
    path = project / FILE
    file = load(path, _File, shown=FILE, code=CODE)
    tongues = {name: language.tongue(language.whole) for name, language in file.languages.items()}
    try:
        return prepared(Wording(tongues, file.everywhere.tongue(), file.polite, file.spelled_right, file.mistyped))
    except Unreadable as error:
        raise Misuse(CODE, str(error), place=_place(path, error.path), help="docs/hearing.md: the marks") from None


def _place(path: Path, keys: tuple[str | int, ...]) -> Place:
    text = path.read_text(encoding="utf-8")
    data: Any = tree(text, shown=FILE, code=CODE)
    line, column = position(data, keys)
    return Place(FILE, line + 1, column + 1, text.splitlines()[line])
