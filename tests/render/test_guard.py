"""Is everything that is not on the list refused, without being evaluated, and with the right place?"""

import pytest

from outreach.core.terms import Campaign, Channel
from outreach.render.check import Checked, check_text
from outreach.render.stationery import Stationery

FRONT = "---\nstatus: ready\n---\n"
KEY = ("delivery_check", Channel.TEXT, "en", None)
SHOWN = "templates/delivery_check/text.en.j2"

ATTACKS = [
    ("{{ ''.__class__.__mro__ }}", "OUT-135"),
    ("{{ customer.__class__ }}", "OUT-135"),
    ("{{ customer._fields }}", "OUT-135"),
    ("{{ shop.name.format(customer) }}", "OUT-132"),
    ("{{ shop.name.upper }}", "OUT-112"),
    ("{{ shop['name'] }}", "OUT-132"),
    ("{{ order.items[0] }}", "OUT-132"),
    ("{{ order.items }}", "OUT-116"),
    ("{{ customer }}", "OUT-116"),
    ("{{ self.__init__ }}", "OUT-135"),
    ("{{ lipsum(5) }}", "OUT-132"),
    ("{{ cycler }}", "OUT-112"),
    ("{{ config.SECRET_KEY }}", "OUT-112"),
    ("{{ 9 ** 9 ** 9 ** 9 }}", "OUT-132"),
    ("{{ 'a' * 1000000000 }}", "OUT-132"),
    ("{{ '%0900000000d' % 1 }}", "OUT-132"),
    ("{{ -1 }}", "OUT-132"),
    ("{{ shop.name ~ shop.name }}", "OUT-132"),
    ("{{ shop.name | safe }}", "OUT-114"),
    ("{{ shop.name | attr('x') }}", "OUT-114"),
    ("{{ shop.name | center(900000000) }}", "OUT-114"),
    ("{{ shop.name | or(shop.phone) }}", "OUT-133"),
    ("{{ shop.name | or(*order.items) }}", "OUT-133"),
    ("{{ shop.name | plain | _raw }}", "OUT-114"),
    ("{{ shop.name is defined }}", "OUT-132"),
    ("{{ [1, 2, 3] }}", "OUT-132"),
    ("{{ {'a': 1} }}", "OUT-132"),
    ("{{ true }}", "OUT-132"),
    ("{{ shop.name, shop.signer }}", "OUT-132"),
    ("{{ shop.name and shop.signer }}", "OUT-116"),
    ("{{ " + "(" * 240 + "1" + ")" * 240 + " }}", "OUT-132"),
    ("{{ " + "not " * 120 + "shop.name }}", "OUT-116"),
    ("{{ '" + "a" * 600 + "' }}", "OUT-132"),
    ("{% if shop.name %}" * 200 + "x" + "{% endif %}" * 200, "OUT-132"),
    ("{{ shop.name }}" * 4000, "OUT-132"),
    ("{% set x = 1 %}", "OUT-131"),
    ("{% macro m() %}{% endmacro %}", "OUT-131"),
    ("{% import 'os' as o %}", "OUT-131"),
    ("{% from 'os' import x %}", "OUT-131"),
    ("{% extends '_layouts/text.txt.j2' %}", "OUT-131"),
    ("{% raw %}{{ x }}{% endraw %}", "OUT-131"),
    ("{% filter plain %}x{% endfilter %}", "OUT-131"),
    ("{% call shop.name() %}{% endcall %}", "OUT-131"),
    ("{% do order.items.append(1) %}", "OUT-131"),
    ("{% include '/etc/passwd' %}", "OUT-134"),
    ("{% include '_pieces/../../secret.j2' %}", "OUT-134"),
    ("{% include shop.name %}", "OUT-134"),
    ("{% include '_pieces/none.j2' %}", "OUT-134"),
    ("{% for i in range(10) %}x{% endfor %}", "OUT-132"),
    ("{% for i in order.items %}{% for j in order.items %}x{% endfor %}{% endfor %}", "OUT-133"),
    ("{% for customer in order.items %}x{% endfor %}", "OUT-133"),
    ("{% for i in shop.name %}x{% endfor %}", "OUT-133"),
    ("{% for i in order.items %}{{ loop.cycle('a') }}{% endfor %}", "OUT-132"),
    ("{% for i in order.items recursive %}x{% endfor %}", "OUT-111"),
    ("{% if shop.name }} {{ shop.name %}x{% endif %}", "OUT-132"),
    ("{% if shop.name == ''.join(order.items) %}x{% endif %}", "OUT-132"),
    ("{% if order.carrier in shop.name %}x{% endif %}", "OUT-133"),
    ("{{ customer.total_spent }}", "OUT-130"),
    ("{{ customer.tier }}", "OUT-130"),
    ("{{ customer.birthday }}", "OUT-130"),
    ("{{ customer.gender }}", "OUT-130"),
    ("{{ customer.opens }}", "OUT-130"),
    ("{{ item.stock }}", "OUT-130"),
]


def looked(body: str, paper: Stationery, campaigns: dict[str, Campaign], front: str = FRONT) -> Checked:
    return check_text(front + body, SHOWN, KEY, paper=paper, campaign=campaigns["delivery_check"])


@pytest.mark.parametrize(("body", "code"), ATTACKS, ids=[body[:40] for body, _ in ATTACKS])
def test_attack_is_refused(body: str, code: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    found = looked(body, paper, campaigns)
    assert found.template is None
    assert found.findings[0].code == code, found.findings


GOOD = [
    "{{ customer.first_name | or('there') }}",
    "{% if order.carrier %}{{ order.carrier }}{% endif %}",
    "{% if not order.carrier %}-{% else %}{{ order.carrier }}{% endif %}",
    "{% if order.main_item and order.main_item.quantity > 1 %}{{ order.main_item.quantity }}{% endif %}",
    "{{ order.carrier if order.carrier else 'the post' }}",
    "{% if not order.carrier or order.carrier == 'Northway' %}x{% endif %}",
    "{% for i in order.items %}{{ i.name }}{% if not loop.last %}, {% endif %}{% else_ %}{% endfor %}".replace(
        "{% else_ %}", ""
    ),
    "{{ order.items | names(3) | or('things') }}",
    "{% if order.items %}{{ order.items | names }}{% endif %}",
    "{% if customer.language in ['en', 'fr'] %}x{% endif %}",
    "{{ order.delivered_on | ago }} {{ order.placed_on | span }}{# a comment, it's fine #}",
    "{% if order.promised_on %}{% if order.promised_on < today %}late{% endif %}{% endif %}",
]


@pytest.mark.parametrize("body", GOOD)
def test_the_contract_is_allowed(body: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert looked(body, paper, campaigns).findings == ()


WRONG = [
    ("{{ order.carrier }}", "OUT-113"),
    ("{{ order.main_item.name }}", "OUT-113"),
    ("{% if order.carrier %}x{% else %}{{ order.carrier }}{% endif %}", "OUT-113"),
    ("{% if order.carrier or order.promised_on %}{{ order.carrier }}{% endif %}", "OUT-113"),
    ("{% if order.days_late > 1 %}x{% endif %}", "OUT-113"),
    ("{{ order.promised_on | date }}", "OUT-113"),
    ("{{ order.items | names }}", "OUT-113"),
    ("{{ order.placed_on }}", "OUT-116"),
    ("{{ order.placed_on | money }}", "OUT-115"),
    ("{{ order.promised_on | or('soon') | date }}", "OUT-115"),
    ("{{ order.days_late | plural(one='1') | or('x') }}", "OUT-115"),
    ("{{ shop.name | names }}", "OUT-115"),
    ("{{ order.carrier | or('') }}", "OUT-115"),
    ("{% if order.placed_on == shop.name %}x{% endif %}", "OUT-115"),
    ("{% if shop.name %}", "OUT-111"),
    ("{% endif %}", "OUT-111"),
    ("{% if shop.name %}{% else %}{% else %}{% endif %}", "OUT-111"),
    ("{% for i in order.items %}{% endif %}", "OUT-111"),
    ("{{ shop.name", "OUT-111"),
    ("Hi {{ shop.name }\n{{ order.number }}", "OUT-111"),
    ("{{ shop.name | }}", "OUT-111"),
]


@pytest.mark.parametrize(("body", "code"), WRONG)
def test_mistakes_have_their_code(body: str, code: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    found = looked(body, paper, campaigns)
    assert found.findings[0].code == code, found.findings
    assert found.template is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_place_is_exact_below_the_front_matter(end: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    body = "Hello {# it's #}\n\n{%- if order.carrier -%}\n  Sorry {{ order.dayslate }}{% endif %}\n"
    text = (FRONT + body).replace("\n", end)
    found = check_text(text, SHOWN, KEY, paper=paper, campaign=campaigns["delivery_check"]).findings[0]
    assert found.place is not None
    assert (str(found.place), found.code) == (f"{SHOWN}:7:12", "OUT-112")
    assert found.place.text == "  Sorry {{ order.dayslate }}{% endif %}"
    assert found.place.width == len("order.dayslate")
    assert "order.days_late" in found.facts[0]


def test_place_in_the_front_matter(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    text = '---\nstatus: ready\nsubject: "Order {{ order.nmber }}"\nwhy: x\n---\nHi\n'
    key = ("delivery_check", Channel.EMAIL, "en", None)
    found = check_text(text, SHOWN, key, paper=paper, campaign=campaigns["delivery_check"]).findings[0]
    assert str(found.place) == f"{SHOWN}:3:20"


@pytest.mark.parametrize(
    ("front", "place"),
    [
        ('subject: "A \\"quote\\" {{ order.nmber }}"\nwhy: x', "3:26"),
        ("subject: 'it''s {{ order.nmber }}'\nwhy: x", "3:20"),
        ("subject: Order {{ order.number }} {{ order.nmber }}\nwhy: x", "3:38"),
        ("subject: >\n  Two\n  lines {{ order.nmber }}\nwhy: x", "5:12"),
        ("why: x\nsubject: |-\n  {{ order.nmber }}", "5:6"),
        ('subject: x\npreview: x\nwhy: "{{ order.nmber | or(\\"x\\") }}"', "5:10"),
    ],
)
def test_place_in_front_matter_as_yaml_writes_it(
    front: str, place: str, paper: Stationery, campaigns: dict[str, Campaign]
) -> None:
    key = ("delivery_check", Channel.EMAIL, "en", None)
    text = f"---\nstatus: ready\n{front}\n---\nHi\n"
    found = check_text(text, SHOWN, key, paper=paper, campaign=campaigns["delivery_check"]).findings[0]
    assert (found.code, str(found.place)) == (
        ("OUT-112", f"{SHOWN}:{place}") if place else ("OUT-110", f"{SHOWN}:3:10")
    )


def test_unknown_filter_and_key_are_suggested(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert "or" in looked("{{ shop.name | default('x') }}", paper, campaigns).findings[0].facts[0]
    assert "ordinal" in looked("{{ order.days_late | ordinel }}", paper, campaigns).findings[0].facts[0]
    found = looked("Hi", paper, campaigns, "---\nstatus: ready\nsubjet: x\n---\n").findings[0]
    assert (found.code, str(found.place)) == ("OUT-110", f"{SHOWN}:3:1")
    assert "subject" in found.facts[0]


def test_no_front_matter_and_invisible_letters(paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert looked("Hi", paper, campaigns, "").findings[0].code == "OUT-110"
    assert looked("Hi \ue0001\ue001", paper, campaigns).findings[0].code == "OUT-110"
    assert looked("a" * 64_001, paper, campaigns).findings[0].code == "OUT-110"


def email(body: str, paper: Stationery, campaigns: dict[str, Campaign], kind: str = "markdown") -> Checked:
    text = f"---\nsubject: Hi\nwhy: you ordered\nstatus: ready\nbody: {kind}\n---\n{body}"
    key = ("delivery_check", Channel.EMAIL, "en", None)
    return check_text(
        text, "templates/delivery_check/email.en.j2", key, paper=paper, campaign=campaigns["delivery_check"]
    )


@pytest.mark.parametrize(
    "body",
    [
        "**{% if order.carrier %}bold** text{% endif %}",
        "{% if order.carrier %}[a{% endif %}]({{ link.help }})",
        "- a\n{% if order.carrier %}\n\ntext\n\n- b **\n{% endif %}{% else %}",
    ],
)
def test_tags_do_not_cross_markdown(body: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert {found.code for found in email(body, paper, campaigns).findings} & {"OUT-136", "OUT-111"}


@pytest.mark.parametrize(
    "body",
    [
        "<script>x</script>",
        "<p onclick='x'>x</p>",
        "<a/onclick=x href='https://shop.alder.example'>x</a>",
        "<svg/onload=alert(1)>",
        "<p>x<img src=x onerror=alert(1)",
        "<p style='background:url(https://evil.example)'>x</p>",
        "<form action='x'></form>",
        "<p>not closed",
        '<p class="{% if order.carrier %}a{% endif %}">x</p>',
        '<a href="https://shop.alder.example/{{ order.number }}">x</a>',
        '<a href="http://127.0.0.1:8076/{{ order.number }}">x</a>',
        "<!-- x --><p>a</p>",
    ],
)
def test_html_bodies_are_kept_in_bounds(body: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    found = email(body, paper, campaigns, "html")
    assert {f.code for f in found.findings} & {"OUT-136", "OUT-137"}, found.findings


@pytest.mark.parametrize(
    "url",
    ["https://evil.example", "http://shop.alder.example", "javascript:alert(1)", "/x", "https://a@shop.alder.example"],
)
def test_links_go_to_our_places_only(url: str, paper: Stationery, campaigns: dict[str, Campaign]) -> None:
    assert [f.code for f in email(f"[x]({url})", paper, campaigns).findings] == ["OUT-137"]
    good = "[x](https://shop.alder.example/a?b=1&c=2) [y](mailto:mara@alder.example)"
    assert email(good, paper, campaigns).findings == ()


@pytest.mark.parametrize(
    ("channel", "lacking"),
    [(Channel.TEXT, ["offer.keep_if"]), (Channel.EMAIL, ["offer.keep_if", "newer.what_changed", "offer.ends_on"])],
)
def test_an_offer_must_say_when_to_keep_the_old_one(
    channel: Channel, lacking: list[str], paper: Stationery, campaigns: dict[str, Campaign]
) -> None:
    key = ("upgrade_offer", channel, "en", None)
    front = FRONT if channel is Channel.TEXT else "---\nsubject: x\nwhy: x\nstatus: ready\n---\n"
    asked = "{% if offer.keep_if %}{% if newer.what_changed %}{% if offer.ends_on %}x{% endif %}{% endif %}{% endif %}"
    found = check_text(front + asked, "x", key, paper=paper, campaign=campaigns["upgrade_offer"])
    assert [(f.code, name in f.message) for f, name in zip(found.findings, lacking, strict=True)] == [
        ("OUT-142", True) for _ in lacking
    ]
