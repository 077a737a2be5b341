"""Is what a customer wrote anew found, and never our own words quoted back? (respect.md 32)"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.inbound.quoting import new_words

REPLIES = Path(__file__).resolve().parents[1] / "payloads" / "mail" / "replies"
OURS = """Hi Anna,

your kettle should have arrived on Tuesday. Did everything come in one piece and on time?

All well: https://s.example/f/abc?a=1

Unsubscribe: https://s.example/p/1.abc
You get this because you bought from us. To stop these emails, unsubscribe here.
Kettle Shop, 1 High Street, Leeds
"""
QUOTED = "\n".join("> " + line for line in OURS.splitlines())
HEADINGS = {
    "Gmail, English": "On Tue, May 3, 2022 at 10:20 AM Kettle Shop <hello@s.example>\nwrote:\n",
    "Gmail, German": "Am Di., 3. Mai 2022 um 10:20 Uhr schrieb Kettle Shop <hello@s.example>:\n",
    "Thunderbird, German": "Am 03.05.22 um 10:20 schrieb Kettle Shop:",
    "Gmail, Portuguese": "Em ter., 3 de mai. de 2022 às 10:20, Kettle Shop <hello@s.example> escreveu:\n",
    "Gmail, French": "Le mar. 3 mai 2022 à 10:20, Kettle Shop <hello@s.example> a écrit :\n",
    "Gmail, Spanish": "El mar, 3 may 2022 a las 10:20, Kettle Shop (<hello@s.example>) escribió:\n",
    "Gmail, Italian": "Il giorno mar 3 mag 2022 alle ore 10:20 Kettle <hello@s.example> ha scritto:",
    "Gmail, Dutch": "Op di 3 mei 2022 om 10:20 schreef Kettle <hello@s.example>:",
    "Gmail, Czech": "Dne út 3. 5. 2022 10:20 uživatel Kettle <hello@s.example> napsal:",
    "Gmail, Japanese": "2022年5月3日(火) 10:20 Kettle Shop <hello@s.example>:",
    "Outlook, English": "From: Kettle <hello@s.example>\nSent: Tuesday, May 3, 2022\nTo: Anna\nSubject: Your kettle\n",
    "Outlook, German": "Von: Kettle <hello@s.example>\nGesendet: Dienstag, 3. Mai\nAn: Anna\nBetreff: Ihr Kessel\n",
    "Outlook, French": "De : Kettle <hello@s.example>\nEnvoyé : mardi 3 mai 2022\nÀ : Anna\nObjet : Votre\n",
    "Outlook, Portuguese": "De: Kettle <hello@s.example>\nEnviado: terça-feira\nPara: Anna\nAssunto: Sua chaleira\n",
    "Outlook, Spanish": "De: Kettle <hello@s.example>\nEnviado: martes\nPara: Anna\nAsunto: Su tetera\n",
    "GMX": "Gesendet: Dienstag, 03. Mai 2022 um 10:20 Uhr\nVon: Kettle <hello@s.example>\nAn: a@b.example\nBetreff: x",
    "a rule": "-----Original Message-----",
}


@pytest.mark.parametrize("ours", [(), (OURS,)], ids=["unknown", "stored"])
@pytest.mark.parametrize("heading", HEADINGS)
def test_rule_32_what_stands_above_the_quote_is_all_that_is_new(heading, ours):
    for quote in (QUOTED, OURS):
        assert (
            new_words(f"All fine, ça va, alles gut\n\n{HEADINGS[heading]}\n{quote}", ours)
            == "All fine, ça va, alles gut"
        )


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (f"{HEADINGS['Gmail, English']}{QUOTED}\n\nIt came late, stop writing", "It came late, stop writing"),
        ("On 3/5/22 10:20, Shop wrote:\n> in one piece?\nno\n> on time?\nno, late", "no\nno, late"),
        (f"Unsubscribe\n\n{OURS}", "Unsubscribe\n\nHi Anna,"),
        ("Unsubscribe", "Unsubscribe"),
        ("Thanks,\nbut take me off.\n- no more\n\nBest regards,\nAnna\nPS unsubscribe", None),
        ("As I wrote on 3.5.2022:\nplease unsubscribe me", None),
        ("Here it is\n\nSent from my desk, is much easier than my mobile phone.", None),
        ("Mit der Post gesendet, kam aber kaputt an", None),
    ],
)
def test_rule_32_a_persons_own_words_stay(text, new):
    assert new_words(text, (OURS,)) == (text if new is None else new)


@pytest.mark.parametrize(
    "sign",
    [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu Galaxy",
        "Obter o Outlook para Android",
        "Gesendet mit der GMX Mail App",
        "Get Outlook for iOS",
        "Gesendet von Mail für Windows",
        "-- \nAnna",
    ],
)
def test_rule_32_telephones_sign_for_themselves(sign):
    assert new_words(f"ok\n\n{sign}\n", ()) == "ok"


def test_rule_32_our_footer_alone_says_nothing_of_theirs():
    for text in (f"{HEADINGS['Gmail, English']}{QUOTED}", QUOTED, OURS):
        assert "nsubscribe" not in new_words(text, (OURS,))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=3))
def test_rule_32_never_empty_for_text_that_is_not(text, ours):
    assert bool(new_words(text, (*ours, text))) is bool(text.strip())


LONG = {
    "on": "On " + "a " * 32_000 + "wrote:",
    "on lines": "On x\n" * 13_000,
    "marks": ">" * 65_536,
    "quotes": "> x\n" * 20_000,
    "from": "From: x\n" * 8_000,
    "dashes": "-" * 65_536,
    "lines": "\n" * 65_536,
    "spaces": " " * 65_536 + "x",
    "signatures": "-- \n" * 15_000,
    "warnings": "Warning: mail " * 5_000,
    "rules": "_" * 36 + "\n\n" + "x\n" * 9_000,
    "wrote": ("Am 3.5.2022 schrieb " + "x" * 130 + "\n") * 400,
    "outlook": ("Von: a " + "x" * 150 + "\n") * 400,
    "links": "https://" * 8_000,
    "sent": ("sent " + "a " * 50 + "\n") * 600,
    "disclaimers": ("Disclaimer: " + "mail a" * 25 + "\n") * 400,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", LONG)
def test_rule_32_no_text_takes_long(name):
    """A pattern that looks back takes minutes here; what they take now is in docs/reading-mail.md."""
    assert new_words(LONG[name], (OURS * 20,)) or not LONG[name].strip()


@pytest.mark.parametrize("folder", ["github", "zapier"])
@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("email_2_1", "Outlook with a reply"),
        ("email_2_2", "Outlook with a reply directly above line"),
        ("email_iPhone", "Here is another email"),
        ("email_BlackBerry", "Here is another email"),
        ("email_1_6", "I get proper rendering as well."),
        ("email_1_7", ":+1:"),
        ("email_1_4", "Awesome! I haven't had another problem with it."),
        ("correct_sig", "this is an email with a correct -- signature."),
        ("email_multi_word_sent_from_my_mobile_device", "Here is another email"),
        ("email_1_8", "I will reply under this one\n\n\nand under this."),
        (
            "email_one_is_not_on",
            "Thank, this is really helpful.\n\nOne outstanding question I had:\n\n"
            "Locally (on development), when I run...",
        ),
        (
            "email_sent_from_my_not_signature",
            "Here is another email\n\nSent from my desk, is much easier then my mobile phone.",
        ),
        (
            "pathological",
            "I think you're onto something. I will try to fix the problem as soon as I\nget back to a computer.",
        ),
    ],
)
def test_replies_that_other_parsers_are_tried_on(folder, name, new):
    assert new_words((REPLIES / folder / f"{name}.txt").read_text(encoding="utf-8"), ()) == new
