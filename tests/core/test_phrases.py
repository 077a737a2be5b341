"""Does the small pattern language find what it says, and name what it cannot read?"""

import pytest

from outreach.core.phrases import CodeBook, Grammar
from outreach.core.plain_words import plain, sentences
from outreach.core.slips import Slips

CLASSES = {"stop": ("stop", "give up", "halt*"), "texts": ("text", "texts", "<mail>"), "mail": ("email", "post")}

LONG = "the mail program broke this very long line and not the person"


def found(pattern: str, text: str) -> bool:
    members = [member for members in CLASSES.values() for member in members]
    book = CodeBook.of([*members, pattern], mistyped=["emailing"])
    return bool(Grammar(book, CLASSES).compiled(pattern).search(book.encoded(sentences(text))))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("<stop> .. <texts>", "give up all the texts", "stop all of the texts"),
        ("<stop> ... <texts>", "halting, please, all these texts", "stop. Your texts are fine"),
        ("<stop> (all|any of)? <texts>", "stop any of texts", "stop some texts"),
        ("^ <stop> $", "thanks, stop", "thanks stop"),
        ("^^ <stop> $$", "stop", "stop, thanks"),
        ("^ (now|please)* stop", "now please, now stop", "then now stop"),
        ("stop ~ <texts>", "stop a b c d e f g h texts", "stop a. b texts"),
        ("stop ~~ <texts>", "stop a. b texts", "a b texts"),
        ("<stop|mail> now", "email now", "text now"),
        ("emailing me", "emialing me", "mailing me"),
    ],
)
def test_a_phrase_is_found_where_it_stands(pattern: str, yes: str, no: str):
    assert found(pattern, yes)
    assert not found(pattern, no)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("<none> x", "<none> is not a class"), ("a (b", "is not understood"), ("<a> b", "holds itself")],
)
def test_what_cannot_be_read_is_named(pattern: str, said: str):
    classes = {"a": ("<b>",), "b": ("<a>",)}
    with pytest.raises(ValueError, match=said):
        Grammar(CodeBook.of([pattern]), classes).compiled(pattern)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DON'T  STÖP", [["dont", "stop"]]),
        ("désabonnez-moi d'ici", [["desabonez", "moi", "d", "ici"]]),
        ("s.t.o.p it, st0p!! nooooo", [["stop", "it", ",", "stop"], ["no"]]),
        ("Leave. Me. Alone.", [["leave", "me", "alone"]]),
        ("no, thanks", [["no", "thanks"]]),
        ("see https://x.example/stop or a@stop.example", [["see", "adres", "or", "adres"]]),
        ("the mail program broke this very long line and\nnot the person", [LONG.split()]),
        ("😀 \u200b", []),
    ],
)
def test_plain_words(text: str, words: list[list[str]]):
    assert sentences(text) == words


def test_a_phrase_has_no_commas():
    assert plain("s'il vous plaît, non") == ["s", "il", "vous", "plait", "non"] or plain("a, b") == ["a", "b"]


def test_a_slip_is_one_letter_and_short_words_have_none():
    slips = Slips.of(["stop", "sending"], shortest=4)
    assert [slips.meant(word) for word in ("sotp", "stp", "stpp", "sendng", "sennding", "ton", "x" * 50)] == [
        "stop",
        "",
        "stop",
        "sending",
        "sending",
        "",
        "",
    ]
