"""Is the answer to a delivery check understood, by number and in words, and a suggestion known for one?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.answers import Answer, delivery_answer, suggests

SAID = {
    Answer.FINE: [
        "1",
        "1.",
        "one",
        "yep all good",
        "sí, todo bien",
        "die 1",
        "um",
        "oui, à l'heure et en bon état",
        "Alles gut angekommen",
    ],
    Answer.LATE: [
        "2",
        "2 - two days late",
        "llego tarde pero llego",
        "spät",
        "en retard de deux jours",
        "chegou atrasado",
        "option 2",
    ],
    Answer.WRONG: [
        "3",
        "3. lid is cracked",
        "Chegou todo quebrado",
        "llegó roto",
        "kaputt angekommen",
        "le couvercle est cassé",
        "2, and broken",
    ],
    Answer.MISSING: [
        "4",
        "not here yet",
        "no llegó",
        "Ainda n recebi",
        "Nein, ist nicht gekommen",
        "pas encore",
        "où est mon colis",
        "1? nothing has arrived",
        "noch nichts da",
        "wo bleibt das Paket",
        "A encomenda ainda não apareceu",
    ],
}


@pytest.mark.parametrize(("text", "answer"), [(text, answer) for answer, texts in SAID.items() for text in texts])
def test_the_answer_is_understood(text: str, answer: Answer):
    assert delivery_answer(text) is answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "what does the guarantee cover",
        "2 questions",
        "No me llegó ningún correo con el seguimiento",
        "❤️",
        "où est le bouton stop",
        "aún no me llaman",
        "não me tira da lista, quero as ofertas",
        "wishlist link broken",
        "gardez le colis si possible",
        "no hace falta la caja",
        "nicht das rote, das blaue",
        "Erstattung noch nicht da",
    ],
)
def test_what_is_no_answer_is_none(text: str):
    assert delivery_answer(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "you should put an off switch where people can reach it",
        "vcs precisam melhorar a embalagem",
        "deberíais poner el botón delante",
        "Sie sollten eine mit Timer bauen",
        "Vous devriez proposer un modèle plus petit",
    ],
)
def test_suggestions_are_known(text: str):
    assert suggests(text)
    assert not suggests("all good, thank you")


@given(st.text(max_size=300))
def test_any_text_is_borne(text: str):
    assert delivery_answer(text) in (*Answer, None)
    assert suggests(text) in (True, False)
