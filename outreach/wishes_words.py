"""Which words and phrases does this shop listen for? config/keywords.yaml, checked, and the weights learned with it."""

import json
import sys
import zlib
from array import array
from functools import cache
from pathlib import Path
from typing import Any

from outreach.core.errors import Misuse, Place
from outreach.core.glossary import Glossary
from outreach.core.hunch import Hunch
from outreach.core.wording import Meaning, Tongue, Unreadable, Wording, Words, prepared
from outreach.documents import Document, load, position, tree

FILE = "config/keywords.yaml"
CODE = "OUT-507"
#: Learned by tests/hearing/train.py and shipped inside the program: no shop changes them.
LEARNED = Path(__file__).with_name("hunch")
WEIGHTS = LEARNED / "weights.bin"
GLOSSARY = LEARNED / "glossary.txt"
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
    try:
        return prepared(wording(project), hunch())
    except Unreadable as error:
        place = _place(project / FILE, error.path)
        raise Misuse(CODE, str(error), place=place, help="docs/hearing.md: the marks") from None


def wording(project: Path) -> Wording:
    """What the file says, not yet prepared. Raises Misuse (OUT-507)."""
    file = load(project / FILE, _File, shown=FILE, code=CODE)
    tongues = {name: language.tongue(language.whole) for name, language in file.languages.items()}
    return Wording(tongues, file.everywhere.tongue(), file.polite, file.spelled_right, file.mistyped)


def glossary() -> Glossary:
    """The words that mean much the same in several languages."""
    return Glossary.of(GLOSSARY.read_text(encoding="utf-8").splitlines())


@cache
def hunch() -> Hunch:
    """The shipped weights."""
    return unpacked(WEIGHTS.read_bytes())


def unpacked(file: bytes) -> Hunch:
    """Weights as tests/hearing/train.py packs them: a line of JSON, then, compressed, marks (32 bit), weights (16)."""
    head, packed = file.split(b"\n", 1)
    learned = json.loads(head)
    data = zlib.decompress(packed)
    known, weights = array("I", data[: 4 * learned["marks"]]), array("h", data[4 * learned["marks"] :])
    if sys.byteorder == "big":  # the file is little-endian
        known.byteswap()
        weights.byteswap()
    numbers = {name: learned[name] for name in ("unit", "bias", "stop", "unsure", "ordinary", "phrased", "doubted")}
    return Hunch(glossary=glossary(), weights=weights, known=frozenset(known), **numbers)


def _place(path: Path, keys: tuple[str | int, ...]) -> Place:
    text = path.read_text(encoding="utf-8")
    data: Any = tree(text, shown=FILE, code=CODE)
    line, column = position(data, keys)
    return Place(FILE, line + 1, column + 1, text.splitlines()[line])
