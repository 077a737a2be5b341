"""Does one bad file, one bad link or one bad fact cost itself and nothing more, and is it said in plain words?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.core.terms import Campaign, Channel
from outreach.render import building, message
from outreach.render.check import Checked, check_file, check_text
from outreach.render.environment import Hosts
from outreach.render.links import Links
from outreach.render.markdown import html_of
from outreach.render.message import render
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.scan import is_seen
from outreach.render.seen import wrong_with
from outreach.render.source import MOST_BYTES, understand
from outreach.render.stationery import Stationery
from outreach.render.template import Template

HEAD = "---\nsubject: Your order\nwhy: you bought.\nstatus: ready\n---\n"
SHOWN = "templates/delivery_check/email.en.j2"
EMAIL = ("delivery_check", Channel.EMAIL, "en", None)
NOT_ADDRESSES = [
    "https://[shop.alder.example/",
    "https://[::1/",
    "https://shop.alder.example\u2100.evil.example/",
    "https://shop.alder.example:99999/",
    "https://shop.alder.example:x/",
    "https://shop.alder.example\r.evil.example/",
    "https://shop.alder.example\u200b/",
    "//shop.alder.example/",
    "https://",
    "",
]


def looked(body: str, paper: Stationery, campaigns: dict[str, Campaign], *, language: str = "en") -> Checked:
    key = ("delivery_check", Channel.EMAIL, language, None)
    return check_text(HEAD + body, SHOWN, key, paper=paper, campaign=campaigns["delivery_check"])


def warned(body: str, paper: Stationery, campaigns: dict[str, Campaign]) -> list[tuple[str, str, tuple[str, ...]]]:
    found = looked(body, paper, campaigns)
    assert found.errors == ()
    return [(f.code, str(f.place), f.facts) for f in found.findings]


@pytest.fixture
def upgrade(paper: Stationery, campaigns: dict[str, Campaign]) -> Template:
    body = "[See it]({{ offer.link }}) {{ offer.keep_if }} {% for x in newer.what_changed %}{{ x }}{% endfor %}"
    text = (
        HEAD + "{% if offer.link %}" + body + "{% endif %} {% if offer.ends_on %}{{ offer.ends_on | date }}{% endif %}"
    )
    key = ("upgrade_offer", Channel.EMAIL, "en", None)
    found = check_text(text, SHOWN, key, paper=paper, campaign=campaigns["upgrade_offer"])
    assert found.template is not None, found.findings
    return found.template


@pytest.mark.parametrize("url", NOT_ADDRESSES)
def test_what_is_no_address_is_not_safe(url: str) -> None:
    assert not Hosts("http://127.0.0.1:8076", ("shop.alder.example",), ()).safe(url)


def test_an_address_is_safe() -> None:
    hosts = Hosts("http://127.0.0.1:8076", ("shop.alder.example",), ("mara@alder.example",))
    for url in ("https://shop.alder.example", "https://shop.alder.example:443/a?b=c", "http://127.0.0.1:8076/p/x"):
        assert hosts.safe(url)


@pytest.mark.parametrize("url", ["https://[shop.alder.example/", "https://evil.example/"])
def test_a_bad_link_in_the_records_costs_one_message(
    url: str,
    upgrade: Template,
    everyone: dict[str, AwkwardPerson],
    campaigns: dict[str, Campaign],
    links: Links,
) -> None:
    person = everyone["long-name"]
    facts = person.facts(campaigns["upgrade_offer"])
    facts["offer"] = {**facts["offer"], "link": url}
    with pytest.raises(RenderProblem, match="not ours") as caught:
        render(upgrade, facts=facts, recipient=person.recipient, occasion=person.occasion, links=links)
    assert "shop.links" in caught.value.help
    assert caught.value.facts == ("the value: offer.link",)


def test_a_bad_fact_names_its_field_and_its_product(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    found = looked("{% for item in order.items %}{{ item.name }} {{ item.quantity }}{% endfor %}", paper, campaigns)
    assert found.template is not None
    person = everyone["long-name"]
    facts = person.facts(campaigns["delivery_check"])
    order = {**(facts.get("order") or facts["orders"][0]), "items": [{"name": "Walnut desk", "quantity": "two"}]}
    with pytest.raises(RenderProblem, match=r'items of "[^"]+": quantity of "Walnut desk": .two. is not') as caught:
        render(
            found.template,
            facts={**facts, "order": order, "orders": [order]},
            recipient=person.recipient,
            occasion=person.occasion,
            links=links,
        )
    assert "import" in caught.value.help


@pytest.mark.parametrize("error", [ValueError("x"), IndexError("x"), RecursionError(), AssertionError("x")])
def test_what_nobody_thought_of_costs_one_file(
    error: Exception, paper: Stationery, campaigns: dict[str, Campaign], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise error

    monkeypatch.setattr(building, html_of.__name__, broken)
    found = looked("Hello.", paper, campaigns)
    assert found.template is None
    assert [(f.code, str(f.place)) for f in found.errors] == [("OUT-126", f"{SHOWN}:6:1")]


def test_what_nobody_thought_of_costs_one_message(
    paper: Stationery,
    campaigns: dict[str, Campaign],
    everyone: dict[str, AwkwardPerson],
    links: Links,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = looked("Hello.", paper, campaigns).template
    assert template is not None

    def broken(*_: object) -> str:
        raise OverflowError("a day that no calendar has")

    monkeypatch.setattr(message, "finished", broken)
    person = everyone["long-name"]
    with pytest.raises(RenderProblem) as caught:
        render(template, facts={}, recipient=person.recipient, occasion=person.occasion, links=links)
    assert caught.value.code == "OUT-126"
    assert "calendar" not in caught.value.message  # what the error quotes may be the customer's


def test_a_file_that_is_not_utf8_says_where(tmp_path: Path, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    file = tmp_path / "delivery_check" / "email.en.j2"
    file.parent.mkdir()
    file.write_bytes(HEAD.replace("\n", "\r\n").encode() + b"Hello\r\nyour caf\xe9 chair")
    found = check_file(file, EMAIL, paper=paper, campaign=campaigns["delivery_check"])
    assert [(f.code, str(f.place)) for f in found.errors] == [("OUT-110", f"{SHOWN}:7:9")]


def test_a_file_is_measured_before_it_is_read(
    tmp_path: Path, paper: Stationery, campaigns: dict[str, Campaign], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "delivery_check" / "email.en.j2"
    file.parent.mkdir()
    with file.open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    found = check_file(file, EMAIL, paper=paper, campaign=campaigns["delivery_check"])
    assert "longer than" in found.errors[0].message


@pytest.mark.parametrize(
    ("front", "message", "at"),
    [
        ("- a\n- b", "this is a list, and keys are wanted", "2:1"),
        ("hello", "this is a single word or number, and keys are wanted", "2:1"),
        ("subject: x\nstatus: 2020-13-45", "a date or a number that is none", "3:9"),
        ("subject: " + "9" * 5000, "a date or a number that is none", "2:10"),
        ("subject: " + "[" * 5000, "more than 20 deep", "2:29"),
        ('subject: "a \\ud83d\\ude00"', "U+D83D cannot be in `subject`", "2:13"),
        ('notes: "\\ud83d"', "U+D83D cannot be in `notes`", "2:9"),
    ],
)
def test_front_matter_that_cannot_be(front: str, message: str, at: str) -> None:
    with pytest.raises(Misuse) as caught:
        understand(f"---\n{front}\n---\nHello.\n", SHOWN)
    assert message in caught.value.message
    assert str(caught.value.place) == f"{SHOWN}:{at}"


@pytest.mark.parametrize(("key", "column"), [('"subject"', 16), ("'subject'", 16), ("subject ", 15)])
def test_a_key_written_otherwise_has_its_place(
    key: str, column: int, paper: Stationery, campaigns: dict[str, Campaign]
) -> None:
    text = f'---\n{key}: "{{{{ order.nmber }}}}"\nwhy: x\n---\nHello.\n'
    found = check_text(text, SHOWN, EMAIL, paper=paper, campaign=campaigns["delivery_check"])
    assert [(f.code, str(f.place)) for f in found.errors] == [("OUT-112", f"{SHOWN}:2:{column}")]


def test_braces_that_are_not_whole(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    meant = ("did you mean {{ order.number }}?",)
    assert warned("Order {order.number} came.", paper, campaigns) == [("OUT-127", f"{SHOWN}:6:7", meant)]
    assert warned("Order order.number }} came.", paper, campaigns) == [("OUT-127", f"{SHOWN}:6:20", meant)]
    assert warned("{{ order.number }} {# {order.number} }} #} {nobody.knows} {order}", paper, campaigns) == []


@pytest.mark.parametrize(
    ("body", "code", "message", "column"),
    [
        ("{% if %}x{% endif %}", "OUT-111", "`if` needs what it asks about", 4),
        ("{% for %}x{% endfor %}", "OUT-111", "`for` needs a list", 4),
        ("{% if order.number %}x{% else if order.carrier %}y{% endif %}", "OUT-131", "written `elif`", 26),
        ("{% if order.number %}x{% endif order %}", "OUT-131", "`endif` stands alone", 26),
        ("{% %}", "OUT-131", "nothing stands between", 1),
        ("{{ }}", "OUT-111", "nothing stands between the braces", 1),
        ("{{{ order.number }}}", "OUT-111", "a brace too many", 1),
        ("Hi {{ customer.first_name | or(\u201cthere\u201d) }}", "OUT-111", "not the quote that is read here", 32),
        ("{{ customer.first_name | default: 'x' }}", "OUT-111", "in brackets, not after a colon", 26),
        ("{% if order.number = 'x' %}y{% endif %}", "OUT-111", "write `==`", 20),
        ("{% if order.number && order.carrier %}y{% endif %}", "OUT-111", "write `and`", 20),
        ("{{ order.number ? }}", "OUT-111", "`?` cannot stand here", 17),
        ("{{ ''.__class__ }}", "OUT-135", "`__class__` is not a name", 7),
        (
            "{{ order.days_late | plural(one='{n} day', other='{0.__class__} {n}') | or('x') }}",
            "OUT-115",
            "no other brace, not {0.__class__}",
            51,
        ),
    ],
)
def test_slips_are_said_in_plain_words(
    body: str, code: str, message: str, column: int, paper: Stationery, campaigns: dict[str, Campaign]
) -> None:
    first = looked(body, paper, campaigns).errors[0]
    assert (first.code, str(first.place)) == (code, f"{SHOWN}:6:{column}")
    assert message in first.message


def test_one_slip_is_one_finding(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    for body in ("{% if %}x{% endif %}", "{% for %}x{% endfor %}", "{% if order.number %}x{% endif order %}"):
        assert len(looked(body, paper, campaigns).errors) == 1


def test_marks_of_direction_are_for_languages_that_need_them(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert looked("مرحبا\u200f (A)\u200e", paper, campaigns, language="ar").errors == ()
    assert [f.code for f in looked("Hello\u200e", paper, campaigns).errors] == ["OUT-110"]
    assert looked("नमस्ते क्\u200dष می\u200cخواهم 👩\u200d🔧", paper, campaigns).errors == ()


def test_addresses_of_the_shop_may_be_written_out(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    body = (
        "See https://shop.alder.example/care, shop.alder.example/x (or https://shop.alder.example).\n\n"
        "Write to mara@alder.example, day and/or night, 24/7, z.B./e.g. https://shop.alder.example/{{ order.number }}."
    )
    assert looked(body, paper, campaigns).errors == ()


def _messages() -> Iterator[tuple[str, tuple[str, str]]]:
    foot, stop = "<p>12 Mill Lane</p>", '<p><a href="STOP">Stop</a></p>'
    yield f"<body>{foot}</body>", ("OUT-137", "way out")
    yield f"<body>{stop}</body>", ("OUT-137", "address")
    yield f"<body>{foot}<p><a href='STOP'> </a></p></body>", ("OUT-137", "way out")
    for opened in ("template", "textarea", "details", "select", "svg", "div hidden", "div style='font-size:0px'"):
        yield f"<body>{foot}<{opened}>{stop}", ("OUT-137", "way out")
        yield f"<body>{stop}<{opened}>{foot}", ("OUT-137", "address")
    yield f"<body>{foot}{stop}<img src=x></body>", ("OUT-177", "<img>")
    yield f"<body>{foot}{stop}<p style=\"background:image-set('x')\">x</p></body>", ("OUT-177", "style")
    yield f"<head><style>@import 'x';</style></head><body>{foot}{stop}</body>", ("OUT-177", "style")


@pytest.mark.parametrize(("html", "wrong"), list(_messages()))
def test_the_footer_of_the_finished_message_is_seen(html: str, wrong: tuple[str, str]) -> None:
    """Rule 5: a way out or an address that cannot be seen is none."""
    found = list(wrong_with(html, address="12 Mill  Lane", stop="STOP"))
    assert any(code == wrong[0] and wrong[1] in said for code, said in found), found


def test_nothing_is_wrong_with_a_whole_footer() -> None:
    html = '<body><p>12 Mill Lane</p><p><a href="STOP">Stop</a></p></body>'
    assert list(wrong_with(html, address="12 Mill Lane", stop="STOP")) == []


def test_what_can_be_seen() -> None:
    assert all(map(is_seen, ("x", "مرحبا", "\u200c.")))
    assert not any(map(is_seen, ("", " ", "\u200c\u200d", "\u3164\u2800", "\u00ad")))
