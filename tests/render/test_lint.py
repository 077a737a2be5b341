"""What does lint say, and where exactly? One message at a time, written to everyone and read as they would."""

import pytest

from outreach.core.errors import Finding
from outreach.core.terms import Campaign, Channel, Severity
from outreach.render.lint import Bench, Looked, across, bench, look_at_text
from tests.render.conftest import PROJECT, SHOP

HEAD = '---\nsubject: "{subject}"\npreview: "A person reads every answer."\nwhy: "you ordered."\nstatus: ready\n---\n'
SIGNED = "\n\n{{ shop.signer }}, for {{ shop.name }}\n"


@pytest.fixture(scope="session")
def tools(campaigns: dict[str, Campaign]) -> Bench:
    return bench(PROJECT, SHOP, campaigns, mailbox="mara@alder.example")


def email(
    tools: Bench, body: str, *, subject: str = "Your order", language: str = "en", campaign: str = "delivery_check"
) -> Looked:
    shown = f"templates/{campaign}/email.{language}.j2"
    text = HEAD.replace("{subject}", subject) + body + SIGNED
    return look_at_text(text, shown, (campaign, Channel.EMAIL, language, None), tools=tools)


def text(tools: Bench, body: str, *, language: str = "en") -> Looked:
    key = ("delivery_check", Channel.TEXT, language, None)
    return look_at_text(f"---\nstatus: ready\n---\n{body}\n", f"templates/x/text.{language}.j2", key, tools=tools)


def said(looked: Looked) -> list[tuple[str, str]]:
    """Each finding as its code and where it is."""
    return [(f.code, str(f.place).partition(":")[2]) for f in looked.findings]


def test_a_decent_message_has_no_findings(tools: Bench) -> None:
    assert email(tools, "Did your order come?\n\n[Yes]({{ answer.fine }})").findings == ()
    looked = text(tools, "did your order come? Reply 1 yes, 2 no.")
    assert looked.findings == ()
    assert looked.cost is not None
    assert (looked.cost.usual, looked.cost.worst) == (1, 1)


TONE = [
    ("Hello!", "7:6"),
    ("It is a LAST CALL for you.", "7:9"),
    ("It is the last\nchance.", "7:11"),
    ("This ends TODAY.", "7:11"),
    ("Only 3 left.", "7:1"),
    ("We miss you.", "7:1"),
    ("It ends in 04:59:59.", "7:12"),
    ("Hello {{ customer.first_name | or('valued customer') }}.", "7:36"),
    ("Don’t miss it.", "7:1"),
]


@pytest.mark.parametrize(("body", "at"), TONE)
def test_the_tone_of_strangers_is_a_thought(body: str, at: str, tools: Bench) -> None:
    looked = email(tools, body)
    assert ("OUT-141", at) in said(looked)
    assert {f.severity for f in looked.findings} == {Severity.WARNING}
    assert looked.errors == ()


@pytest.mark.parametrize(
    "subject",
    ["Re: your order", "FWD: your order", "Your order 🎁", "Hurry, your order", "Your order!", "YOUR ORDER CAME"],
)
def test_the_tone_of_subjects(subject: str, tools: Bench) -> None:
    looked = email(tools, "Did it come?", subject=subject)
    assert {f.code for f in looked.findings} == {"OUT-141"}
    assert all(f.place is not None and f.place.line == 2 for f in looked.findings)


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("Esta é a última chance.", "pt-BR"),
        ("Sentimos sua falta.", "pt-BR"),
        ("Nur noch heute.", "de"),
        ("هذه هي الفرصة الأخيرة.", "ar"),
    ],
)
def test_each_language_has_its_own_words(body: str, language: str, tools: Bench) -> None:
    assert "OUT-141" in {f.code for f in email(tools, body, language=language).findings}
    assert "OUT-141" not in {f.code for f in email(tools, body).findings}


def test_what_is_not_words_has_no_tone(tools: Bench) -> None:
    body = (
        "{% if order.number != 'HURRY NOW!' %}Reply STOP.{% endif %}\n\n"
        "{# LAST CHANCE! #}\n\n[Our terms](https://shop.alder.example/LAST-CHANCE!)"
    )
    assert email(tools, body).findings == ()


def test_one_question_and_few_words(tools: Bench) -> None:
    assert "asks 2 questions" in email(tools, "Did it come? Was it whole?").findings[0].message
    assert email(tools, "Hello there, all well?\n\nDid it come?").findings == ()
    assert [f.code for f in email(tools, "word " * 151).findings] == ["OUT-140"]
    assert email(tools, "word " * 140).findings == ()
    long = email(tools, "Did it come?", subject="{{ order.main_item.name | or('It') }} " + "x" * 50)
    assert said(long) == [("OUT-150", "2:11")]


def test_somebody_signs(tools: Bench) -> None:
    head = HEAD.replace("{subject}", "Your order")
    key = ("delivery_check", Channel.EMAIL, "en", None)
    looked = look_at_text(head + "Did it come?\n", "templates/x/email.en.j2", key, tools=tools)
    assert said(looked) == [("OUT-143", "7:12")]


def test_a_filter_with_nothing_to_say(tools: Bench) -> None:
    assert said(email(tools, "Your {{ order.days_late | ordinal | or('x') }} day.", language="ar")) == [
        ("OUT-144", "7:6")
    ]
    assert email(tools, "Your {{ order.days_late | ordinal | or('x') }} day.").findings == ()


@pytest.mark.parametrize(
    ("body", "message", "mend"),
    [
        ("x" * 154, "this is 2 parts", "remove 18 characters to save a part"),
        ("não " + "x" * 110, "ã make this 3 parts (1 without)", "ã → a saves 2 parts"),
        ("it’s " + "x" * 60, "’ make this 2 parts (1 without)", "’ → ' saves 1 part"),
    ],
)
def test_dear_texts_and_their_cheapest_mend(body: str, message: str, mend: str, tools: Bench) -> None:
    (found,) = text(tools, body).findings
    assert (found.code, found.severity) == ("OUT-151", Severity.WARNING)
    assert found.message.startswith(message)
    assert found.facts == (mend,)


def test_a_wide_script_has_two_parts_and_a_name_may_cost_more(tools: Bench) -> None:
    assert text(tools, "هل وصل طلبك؟ " * 6, language="ar").findings == ()
    assert [f.code for f in text(tools, "هل وصل طلبك؟ " * 12, language="ar").findings] == ["OUT-151"]
    looked = text(
        tools, "Hello {{ customer.first_name | or('there') }}, did all of your order come on time, and was it whole?"
    )
    assert looked.findings == ()
    assert looked.cost is not None
    assert (looked.cost.usual, looked.cost.worst) == (1, 2)
    assert looked.cost.whom in ("long-name", "right-to-left", "braces-name")


def test_a_text_that_grows_with_a_list(tools: Bench) -> None:
    (found,) = text(tools, "{% for one in order.items %}{{ one.name }} is on its way to you now. {% endfor %}").findings
    assert (found.code, found.facts) == ("OUT-151", ("a list can be cut short: names(3)",))
    assert "thirty-items" in found.message


READ = [
    ("[click here]({{ link.stop }})", "OUT-174", "7:2"),
    ("# One\n\n# Two", "OUT-173", "7:1"),
]


@pytest.mark.parametrize(("body", "code", "at"), READ)
def test_the_message_is_read(body: str, code: str, at: str, tools: Bench) -> None:
    assert said(email(tools, body)) == [(code, at)]


PAGES = [
    ("<p style='color: #999999'>x</p>", "OUT-176"),
    ("<p style='font-size: 11px'>x</p>", "OUT-176"),
    ("<table><tr><td>x</td></tr></table>", "OUT-172"),
    ("<p><a href='https://shop.alder.example' style='text-decoration: none'>The shop</a></p>", "OUT-174"),
    ("<p><a href='https://shop.alder.example' style='display: inline-block'>The shop</a></p>", "OUT-175"),
]


@pytest.mark.parametrize(("body", "code"), PAGES)
def test_the_page_is_read(body: str, code: str, tools: Bench) -> None:
    head = HEAD.replace("{subject}", "Your order").replace("status: ready", "status: ready\nbody: html")
    key = ("delivery_check", Channel.EMAIL, "en", None)
    looked = look_at_text(head + body + "<p>{{ shop.signer }}</p>", "templates/x/email.en.j2", key, tools=tools)
    assert {f.code for f in looked.findings} == {code}


def test_a_value_some_people_lack_is_found_before_the_night(tools: Bench) -> None:
    subject = '{% if order.carrier == \\"Northway\\" %}x{% endif %}'
    looked = email(tools, "Did it come?", subject=subject.replace("order.carrier", "customer.language"))
    assert [f.code for f in looked.errors] == ["OUT-119"]
    assert "for the usual person and 12 more" in looked.errors[0].facts[-1]


ENGLISH = (
    "It comes on {{ order.delivered_on | date }}: [Yes]({{ answer.fine }}), [no]({{ answer.missing }}) within 3 days."
)


def pair(tools: Bench, body: str, front: str = "") -> list[Finding]:
    """What is said of a translation of ENGLISH."""
    original = email(tools, ENGLISH)
    assert original.source is not None
    matches = front or f"matches: en@{original.source.words}"
    head = HEAD.replace("{subject}", "Seu pedido").replace("status: ready", f"status: ready\n{matches}")
    key = ("delivery_check", Channel.EMAIL, "pt-BR", None)
    shown = "templates/delivery_check/email.pt-BR.j2"
    translated = look_at_text(head + body + SIGNED, shown, key, tools=tools)
    assert translated.errors == ()
    return [f for f in across([original, translated], tools)[1].findings if f.code.startswith("OUT-16")]


PORTUGUESE = "Chega em {{ order.delivered_on | day }}: [Sim]({{ answer.fine }}), [não]({{ answer.missing }}) em 3 dias."


def test_a_faithful_translation(tools: Bench) -> None:
    assert pair(tools, PORTUGUESE) == []
    assert pair(tools, PORTUGUESE + " {{ customer.first_name | or('Oi') }}") == []


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("{{ answer.missing }}", "{{ answer.wrong }}", "OUT-162", "en says `answer.missing`, this does not"),
        ("{{ answer.missing }}", "https://shop.alder.example/", "OUT-162", "this says https://shop.alder.example/"),
        ("{{ order.delivered_on | day }}", "breve", "OUT-163", "en says `order.delivered_on`, this does not"),
        ("3 dias", "5 dias", "OUT-163", "this says 5, en does not"),
        ("3 dias", "3 dias, {{ order.number }}", "OUT-160", "this says `order.number`, en does not"),
    ],
)
def test_what_a_translation_changes(old: str, new: str, code: str, message: str, tools: Bench) -> None:
    found = pair(tools, PORTUGUESE.replace(old, new))
    assert any(f.code == code and message in f.message for f in found), found
    assert all(f.severity == Severity.WARNING for f in found)


def test_the_age_of_a_translation(tools: Bench) -> None:
    assert [f.code for f in pair(tools, PORTUGUESE, "notes: x")] == ["OUT-164"]
    assert [f.code for f in pair(tools, PORTUGUESE, "matches: yesterday")] == ["OUT-164"]
    (old,) = pair(tools, PORTUGUESE, "matches: en@000000")
    assert (old.code, str(old.place)) == ("OUT-161", "templates/delivery_check/email.pt-BR.j2:6:10")
    assert "matches: en@" in old.help


def test_only_what_customers_read_makes_a_translation_old(tools: Bench) -> None:
    one, two = email(tools, ENGLISH), email(tools, ENGLISH + " More.")
    noted = HEAD.replace("status: ready", "status: draft\nnotes: other").replace("{subject}", "Your order")
    key = ("delivery_check", Channel.EMAIL, "en", None)
    same = look_at_text(noted + ENGLISH + SIGNED, "templates/delivery_check/email.en.j2", key, tools=tools)
    assert one.source is not None
    assert two.source is not None
    assert same.source is not None
    assert one.source.words == same.source.words != two.source.words
