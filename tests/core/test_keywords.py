"""Is a wish to be left alone heard, and nothing else taken for one? Corpora: tests/payloads/wishes."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.core.keywords import Heard, Wish, heard
from outreach.core.terms import Channel, Scope
from outreach.core.wording import Words
from outreach.wishes_words import load_words
from tests.hearing.texts import texts

ROOT = Path(__file__).resolve().parents[2]


@cache
def words() -> Words:
    return load_words(ROOT)


KEYWORDS = (
    "STOP STOPALL UNSUBSCRIBE END QUIT CANCEL REVOKE OPTOUT opt-out SAIR PARAR BAJA ALTO STOPP ABMELDEN ARRET DESABO "
    "إلغاء قف"
)
PARTS = "stop don't not text me , . \n para de no más keine mehr > ( ) ' ’ ñ + 🛑 s t o p"


def hear(text: str, channel: Channel = Channel.TEXT) -> Heard:
    return heard(text, words(), channel=channel)


@cache
def wishes_of(label: str) -> list[Wish]:
    """What is heard in every twelfth text of this label: all of them would take a minute."""
    said = [text for text in texts() if text.label == label][::12]
    return [heard(text.body, words(), channel=text.channel).wish for text in said]


def share(label: str, *wishes: Wish) -> float:
    found = wishes_of(label)
    return sum(wish in wishes for wish in found) / len(found)


def test_who_wants_to_be_left_alone_is_heard():
    assert share("stop", Wish.STOP) >= 0.985
    assert share("stop", Wish.STOP, Wish.UNSURE) >= 0.99


@pytest.mark.parametrize(("phrased", "wish"), [(-99.0, Wish.STOP), (99.0, Wish.UNSURE)])
def test_what_a_phrase_says_needs_less_weight(phrased: float, wish: Wish):
    hunch = words().hunch
    assert hunch is not None
    changed = replace(words(), hunch=replace(hunch, stop=99.0, unsure=98.0, ordinary=-99.0, phrased=phrased))
    assert heard("Please stop emailing me about the new models", changed, channel=Channel.EMAIL).wish is wish
    assert heard("I am fed up with you", changed, channel=Channel.EMAIL).wish is Wish.NOTHING


@pytest.mark.parametrize(("doubted", "wish"), [(-99.0, Wish.STOP), (99.0, Wish.UNSURE)])
def test_what_a_phrase_leaves_open_needs_more_weight(doubted: float, wish: Wish):
    hunch = words().hunch
    assert hunch is not None
    changed = replace(words(), hunch=replace(hunch, stop=-99.0, unsure=-99.0, ordinary=-99.0, doubted=doubted))
    assert heard("No thanks", changed, channel=Channel.TEXT).wish is wish


@pytest.mark.parametrize(
    "said", ["No thanks", "no thank you", "nein danke", "no gracias", "não, obrigado", "non merci"]
)
@pytest.mark.parametrize("channel", list(Channel))
def test_no_thanks_may_be_said_to_an_offer(said: str, channel: Channel):
    assert heard(said, words(), channel=channel).wish is Wish.UNSURE


def test_ordinary_texts_are_not_taken_for_a_wish():
    assert share("ordinary", Wish.STOP) <= 0.005
    assert share("ordinary", Wish.UNSURE) <= 0.02


def test_what_may_be_a_wish_waits_for_a_person():
    assert share("unsure", Wish.UNSURE, Wish.STOP) >= 0.85


@pytest.mark.parametrize(
    "word",
    KEYWORDS.split(),
)
@pytest.mark.parametrize("dress", ["{}", " {} ", "{}.", "{}!!! 😡", "please {}", "«{}»"])
def test_a_word_of_ours_alone_stops(word: str, dress: str):
    """respect.md 9"""
    said = hear(dress.format(word))
    assert said.wish is Wish.STOP
    assert said.scope is Scope.EVERYTHING


@pytest.mark.parametrize(
    "slip",
    ["SOTP", "stpo", "STOOOOP", "s t o p", "S.T.O.P.", "st0p", "unsubcribe", "Unsubscirbe", "stop stop stop", "🛑"],
)
def test_slips_and_cleverness_are_forgiven(slip: str):
    said = hear(slip)
    assert (said.wish, said.whole) == (Wish.STOP, True)


@pytest.mark.parametrize(
    "word", ["shop", "top", "and", "send", "star", "quite", "stock", "para quando?", "alta calidad"]
)
def test_ordinary_words_are_no_slips(word: str):
    assert hear(word).wish is Wish.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "cancel my order",
        "stop by the shop",
        "don't call me tomorrow, call Friday",
        "please don't stop writing",
        "NO me den de baja, apreté mal",
        "no email arrived from you",
        "Ich habe keine Nachricht vom Paketdienst bekommen",
        "Je n'ai pas reçu le mail",
    ],
)
def test_something_else_is_not_a_wish(text: str):
    """respect.md 10"""
    assert hear(text).wish is Wish.NOTHING


def test_start_and_help_are_words_of_texts_and_only_alone():
    """respect.md 13: they lift only what a text made."""
    assert [hear(word).wish for word in ("START", "unstop", "Yes!", "VOLTAR", "help")] == [Wish.START] * 4 + [Wish.HELP]
    assert hear("yes", Channel.EMAIL).wish is Wish.NOTHING
    assert hear("I would like to start again with the mill").wish is Wish.NOTHING


@pytest.mark.parametrize("channel", Channel)
def test_a_wish_counts_in_every_channel(channel: Channel):
    """respect.md 9, 15"""
    said = hear("please take me off your list", channel)
    assert (said.wish, said.whole, said.scope, said.language) == (Wish.STOP, False, Scope.EVERYTHING, "en")
    assert said.by


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("stop texting me", Scope.EVERYTHING),
        ("no more offers", Scope.EVERYTHING),
        ("No more offers please, only tell me about orders I've actually placed.", Scope.OFFERS),
        ("Só quero aviso de entrega, propaganda não.", Scope.OFFERS),
        ("Solo avisos de entrega, nada de publicidad.", Scope.OFFERS),
        ("Seulement les infos de livraison, pas de pub merci.", Scope.OFFERS),
        ("No me manden SMS, sólo correo electrónico.", Scope.TEXT),
        ("Email is fine but please no SMS", Scope.TEXT),
        ("text is fine but no emails", Scope.EMAIL),
        ("keine SMS, nur E-Mail bitte", Scope.TEXT),
        ("No texts, only email me, and only about my order", Scope.EVERYTHING),
    ],
)
def test_only_what_is_plainly_kept_narrows_it(text: str, scope: Scope):
    said = hear(text)
    assert (said.wish, said.scope) == (Wish.STOP, scope)


def test_no_more_is_read_than_the_first_characters():
    assert hear("all good. " * 500 + "stop texting me").wish is Wish.NOTHING


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_borne(text: str):
    assert hear(text).wish in Wish


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(PARTS.split(" ")),
        max_size=60,
    )
)
def test_our_own_words_in_any_order_are_borne(parts: list[str]):
    assert hear(" ".join(parts)).wish in Wish
