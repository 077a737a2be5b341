"""What does a reply to "did it arrive, on time and in order?" say; and does it suggest something?

The question offers 1 all well, 2 late, 3 wrong or damaged, 4 not here; people answer with the number, in words, or with
both. A reply that says more than one thing counts as the worst of them, because somebody has to act on that one.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from outreach.core.phrases import END, WALL, CodeBook, Grammar
from outreach.core.plain_words import sentences


class Answer(StrEnum):
    """What became of a delivery, by the customer's word; the worst first."""

    MISSING = "missing"
    WRONG = "wrong"  # or damaged, or incomplete
    LATE = "late"
    FINE = "fine"


_NUMBERS: Mapping[str, Answer] = {"1": Answer.FINE, "2": Answer.LATE, "3": Answer.WRONG, "4": Answer.MISSING}
_COUNTED: Mapping[str, str] = {
    "1": "one um uno eins un une",
    "2": "two dois dos zwei deux",
    "3": "three tres drei trois",
    "4": "four quatro cuatro vier quatre",
}


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split(", "))


#: Words before the number that change nothing: "option 2", "la 1", "die 1".
_BEFORE = frozenset(
    _listed(
        "option, answer, opcao, opcion, antwort, reponse, number, numero, nummer, the, o, a, el, la, die, le, it, its, "
        "es, is, e, c, est"
    )
)
#: After a number they make it a count: "2 questions", "3 of them".
_UNITS = frozenset(
    _listed("questions, question, of, x, perguntas, preguntas, fragen, pieces, minutes, minutos, minuten, de, von")
)
_CLASSES: Mapping[str, tuple[str, ...]] = {
    "not": _listed(
        "not, never, hasnt, havent, didnt, wasnt, isnt, no, nao, nunca, n, nicht, nie, noch nicht, nichts, pas, "
        "jamais, rien, nothing, nada, nix, still no, keine, kein"
    ),
    "came": _listed(
        "arriv*, came, come, here, delivered, received, recieved, get it, got it, got anything, turned up, showed "
        "up, cheg*, receb*, recebi, veio, apareceu, aparecio, entreg*, lleg*, recib*, angekommen, "
        "gekommen, erhalten, bekommen, geliefert, recu, recue, recus, livre, livree, arrive, vu"
    ),
    "late": _listed(
        "late, later than, delayed, delay, days after, behind schedule, atras*, demorou, tarde, retras*, demor*, "
        "con retraso, spat, spater, zu spat, verspat*, en retard, retard"
    ),
    "wrong": _listed(
        "wrong, broken, damaged, cracked, smashed, scratched, faulty, defective, dented, missing a, missing the, "
        "without the, bits missing, incomplete, half of it, leaking, quebrad*, errad*, danific*, rachad*, riscad*, "
        "com defeito, defeituos*, amassad*, faltando, faltou, sem a, incomplet*, roto, rota, rotos, rotas, rompio, "
        "rompido, equivocad*, danad*, rayad*, defectuos*, golpead*, falta, faltaba, sin la, kaputt, beschadigt, "
        "zerbroch*, "
        "falsch*, defekt, zerkratzt, verbeult, fehlt, fehlen, unvollstandig, casse, cassee, abime, abimee, "
        "endommag*, mauvais, mauvaise, raye, defectueu*, manque, fele, doesnt work, doesnt turn on, no funciona, "
        "nao funciona, nao liga, funktioniert nicht, ne marche pas, marche pas"
    ),
    "fine": _listed(
        "all good, all well, all fine, fine, great, perfect*, good, on time, in order, yes, yep, yeah, lovely, "
        "thanks, thank you, love it, sim, tudo certo, tudo bem, tudo ok, certinho, otimo, beleza, no prazo, "
        "todo bien, todo ok, bien, a tiempo, todo correcto, ja, jo, alles gut, alles bestens, alles ok, super, "
        "prima, punktlich, gut, oui, tout va bien, tout est ok, nickel, impec*, parfait, a l heure, bien recu, en "
        "bon etat, ok"
    ),
    "parcel": _listed(
        "paket, packchen, bestellung, lieferung, sendung, ware, colis, commande, livraison, paquete, pedido, envio, "
        "pacote, encomenda, entrega"
    ),
    "paper": _listed(
        "email, mail, message, invoice, tracking, correo, factura, nota, rechnung, facture, nachricht, sms"
    ),
    "back": _listed(
        "reply, answer, respuesta, resposta, antwort, reponse, refund, reembolso, estorno, devolucion, erstattung, "
        "remboursement"
    ),
    "yet": _listed("yet, still, ainda, todavia, aun, noch, bisher, immer noch, toujours, encore"),
}
_MISSING = (
    "<not> .. <came>",
    "<came> .. (nicht|nie|nao|nada)",
    "<yet> (waiting|nada|rien|nichts|nix)",
    "<yet> <not> $",
    "(nicht|nichts|nix|nie) .. da",
    "^ <not> <yet> $",
    "^ (nothing|nada|nichts|rien) (<yet>|nada|de nada)? $",
    "where (is|are) (it|my)",
    "(wo ist|wo bleibt|ou est|donde esta|cade|onde esta) (mein|meine|mon|ma|mi|meu|minha|o meu|a minha|<parcel>)",
    "(wo ist|wo bleibt|ou est|donde esta|cade|onde esta) (das|die|le|la|el|o|a) <parcel>",
)
_UNLESS = (  # what did not come was no parcel, or it did come
    "<not> .. (only|even|just) ..",
    "<paper> .. <came>",
    "<not> .. <came> .. <paper>",
    "<not> .. <came> .. <back>",
    "<back> .. <not> .. (<came>|da)",
    "<not> .. (late|damaged|broken|wrong|tarde|atras*|spat|en retard|quebrad*|roto|kaputt|casse)",
    "(wrong number|falsche nummer|mauvais numero|numero equivocado|numero errado)",
    "(link|enlace|lien|photo|foto|message|nachricht) .. <wrong>",
    "<wrong> (link|enlace|lien|photo|foto)",
    "(hace|hacen|faz|fazem) falta",
    "<not> (bad|a problem|problem|problems|schlimm|mal|grave)",
)
_FINE = ("<fine>", "^ si")  # elsewhere "si" is "if"
_SUGGESTS = (
    "(you|u) (should|could|ought|might want|need to|really should|guys should)",
    "(suggestion|my advice|have you thought of|have you considered|why dont you|why not)",
    "would be (good|nice|great|helpful|better) (if|to)",
    "(wish|would be nice if) .. (you|it|there)",
    "(voces|vcs|voce|vc) .. (deviam|devia|deveriam|deveria|podiam|poderiam|precisam|precisa)",
    "^ (deviam|deveriam|podiam|poderiam) ..",
    "(sugestao|sugiro|fica a dica|seria bom|seria legal|seria otimo|seria melhor)",
    "(deberian|deberiais|deberia|deberias|podrian|podriais|tendrian que|tienen que|teneis que)",
    "(sugerencia|sugiero|seria bueno|seria mejor|seria genial|seria ideal|estaria bien)",
    "(ihr|sie|man) (solltet|sollten|sollte|konntet|musstet|mussten)",
    "(vorschlag|anregung|wunschenswert|mein tipp)",
    "ware (gut|schon|besser|toll) .. wenn",
    "(vous devriez|tu devrais|vous pourriez|il faudrait|faudrait|faut revoir|faut ameliorer)",
    "(je suggere|ce serait bien|ce serait mieux|ce serait super|ce serait sympa|il serait bon)",
)


@cache
def _grammar() -> Grammar:
    """Over the words of this page; made when first asked."""
    members = (member for members in _CLASSES.values() for member in members)
    return Grammar(CodeBook.of((*members, *_MISSING, *_UNLESS, *_FINE, *_SUGGESTS)), _CLASSES)


@cache
def _expressions(phrases: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(_grammar().compiled(phrase) for phrase in phrases)


def delivery_answer(text: str) -> Answer | None:
    """What `text` (without what it quotes) says of a delivery; None when it says nothing we know."""
    said = sentences(text)
    numbered = _number([word for sentence in said for word in sentence])
    code = _grammar().book.encoded(said)
    rest = code
    for pattern in _expressions(_UNLESS):
        rest = pattern.sub(lambda found: "".join(END if c == END else WALL for c in found[0]), rest)
    worded = _worded(rest, code)
    both = [answer for answer in (numbered, worded) if answer]
    return min(both, key=list(Answer).index) if both else None


def suggests(text: str) -> bool:
    """Whether it tells us what to do better: "you should ..." in any of our languages."""
    code = _grammar().book.encoded(sentences(text))
    return any(pattern.search(code) for pattern in _expressions(_SUGGESTS))


def _number(words: list[str]) -> Answer | None:
    """The answer of a message that begins with, or is, one of our numbers."""
    first, second = [*(word for word in words if word not in _BEFORE), "", ""][:2]
    if first in _NUMBERS and second not in _UNITS:
        return _NUMBERS[first]
    named = {word: number for number, names in _COUNTED.items() for word in names.split()}
    alone = [word for word in words if word not in _BEFORE or word in named]
    return _NUMBERS[named[alone[0]]] if len(alone) == 1 and alone[0] in named else None


def _worded(rest: str, code: str) -> Answer | None:
    if any(pattern.search(rest) for pattern in _expressions(_MISSING)):
        return Answer.MISSING
    for answer in (Answer.WRONG, Answer.LATE):
        if _expressions((f"<{answer.value}>",))[0].search(rest):
            return answer
    return Answer.FINE if any(pattern.search(code) for pattern in _expressions(_FINE)) else None
