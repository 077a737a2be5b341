"""Which words does a message hold, whatever its case, accents, emoji, elongations and cleverness?

People write "STOOOP", "s.t.o.p", "st0p", "désabonnez-moi", "desabonez moi" and mean one thing. Words come out small,
without accents, doubled letters and digits in disguise. Patterns are put through the same mill, so both sides meet.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

MOST = 4_000  # characters of a message that are read: nobody hides a wish behind more
#: Pictures that say stop.
_SIGNS = str.maketrans(dict.fromkeys("🛑🚫✋⛔🔕", " stop "))
_ADDRESS = re.compile(r"\S{1,80}@\S{1,80}|https?://\S+|www\.\S+")
#: English and German shorten at the end (don't, reicht's); French at the front (d'envoyer), which makes two words.
_SHORTENED = re.compile(r"(?<=[a-z])['’`´](?=(?:t|s|m|re|ve|ll|d)\b)")
_SPELLED = re.compile(r"\b\w(?:[\s.\-_*]\w\b){2,}")
_DIGIT = re.compile(r"(?<=[a-z])[013457$](?=[a-z])")
_LETTER = str.maketrans("013457$", "oieasts")
_MANY = re.compile(r"(\w)\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1")
_EMAIL = re.compile(r"\be[- ]mail")
#: A line this long was broken by the mail program, not by the person.
_WRAPPED = re.compile(r"^([^\n]{45,}?)\r?\n(?=\S)", re.MULTILINE)
_BREAK = re.compile(r"[.!?¿¡;:\n\r()\[\]…。؟|]+|\s[-–—]+\s")
#: "No, take me off" says two things, "no, thank you" one.
_ONE_THING = re.compile(r"\s*,\s*(?=thank|thx|obrigad|valeu|gracias|dank|merci|por favor|bitte|svp|s il)")
_WORD = re.compile(r"\w+|[+,]")
COMMA = ","  # stands among the words, because it parts what is said


def sentences(text: str) -> list[list[str]]:
    """The sentences of the first 4,000 characters, each as its plain words and commas; none without words."""
    parts = _BREAK.split(_ONE_THING.sub(" ", _smoothed(text)))
    return list(_joined([words for part in parts if (words := list(_words(part)))]))


def _joined(sentences: list[list[str]]) -> Iterator[list[str]]:
    """ "Leave. Me. Alone." is one sentence: three or more of one word each are put together."""
    for alone, run in groupby(sentences, key=lambda words: len(words) == 1):
        some = list(run)
        yield from [[words[0] for words in some]] if alone and len(some) > 2 else some


def plain(phrase: str) -> list[str]:
    """The plain words of one short phrase, as `sentences` would write them."""
    return [word for word in _words(_smoothed(phrase)) if word != COMMA]


def undoubled(word: str, *, longest: int = 4) -> str:
    """A word without doubled letters ("mesage", "bekomen"). Those of up to `longest` letters need theirs (off, see)."""
    return _DOUBLED.sub(r"\1", word) if len(word) > longest else word


def _smoothed(text: str) -> str:
    """One spelling for what looks alike: width, case, accents, signs, letters set apart or doubled or disguised."""
    text = unicodedata.normalize("NFKC", text[:MOST]).translate(_SIGNS).casefold()
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = _EMAIL.sub("email", _SHORTENED.sub("", _ADDRESS.sub(" address ", text)))
    text = _SPELLED.sub(lambda found: re.sub(r"\W|_", "", found[0]), _WRAPPED.sub(r"\1 ", text))
    return _MANY.sub(r"\1", _DIGIT.sub(lambda found: found[0].translate(_LETTER), text))


def _words(part: str) -> Iterator[str]:
    return (undoubled(word) for word in _WORD.findall(part.replace("_", " ")))
