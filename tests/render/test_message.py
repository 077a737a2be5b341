"""Does every shipped message hold what it must, for everyone, and nothing else?"""

import re
from dataclasses import replace
from typing import Any

import pytest

from outreach.core.segments import parts
from outreach.core.terms import Campaign, Channel
from outreach.render.catalogue import Catalogue
from outreach.render.check import check_text
from outreach.render.content import Content
from outreach.render.links import Links
from outreach.render.message import render
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.stationery import Stationery
from outreach.render.template import Template
from tests.render.conftest import PROJECT

ADDRESS = "Alder & Co, 12 Mill Lane, York YO1 7AB, UK"
BOTH, EMAIL, TEXT = tuple(Channel), (Channel.EMAIL,), (Channel.TEXT,)
SHIPPED = {
    "safety_notice": BOTH,
    "we_were_late": BOTH,
    "running_late": BOTH,
    "answer_by_hand": BOTH,
    "damage_received": BOTH,
    "lost_link": BOTH,
    "reply_received": BOTH,
    "stopped": TEXT,
    "welcome_back": BOTH,
    "delivery_check": BOTH,
    "care_tip": EMAIL,
    "parts_and_repair": EMAIL,
    "years_on": EMAIL,
    "invitation": EMAIL,
    "upgrade_offer": BOTH,
    "quiet_customer": BOTH,
    "surprise": EMAIL,
    "lost_customer": EMAIL,
}
#: Every shipped file that says `status: ready`, found without the program's help.
ALL = frozenset(
    (path.parent.name, Channel(found[1]), found[2], found[3])
    for path in (PROJECT / "templates").glob("[!_]*/*.j2")
    if (found := re.fullmatch(r"(email|text)\.([\w-]+)(?:@(\w+))?\.j2", path.name))
    and "\nstatus: ready\n" in path.read_text(encoding="utf-8")
)
EVERY_PERSON = [
    "braces-name",
    "capitals",
    "html-name",
    "long-name",
    "no-first-name",
    "no-phone",
    "one-letter",
    "price-nothing",
    "right-to-left",
    "thirty-items",
    "two-given-names",
    "two-late-orders",
]


def written(
    template: Template, person: AwkwardPerson, campaigns: dict[str, Campaign], links: Links, **facts: Any
) -> Content:
    """The message for one invented person, some facts replaced."""
    given = {**person.facts(campaigns[template.campaign]), **facts}
    return render(template, facts=given, recipient=person.recipient, occasion=person.occasion, links=links)


def made(
    body: str, paper: Stationery, campaigns: dict[str, Campaign], *, channel: Channel = Channel.EMAIL, front: str = ""
) -> Template:
    """A template of our own for delivery_check."""
    head = "subject: Hello\nwhy: you ordered\n" if channel is Channel.EMAIL and "subject" not in front else ""
    text = f"---\n{head}{front}status: ready\n---\n{body}"
    key = ("delivery_check", channel, "en", None)
    looked = check_text(text, "templates/x/y.j2", key, paper=paper, campaign=campaigns["delivery_check"])
    assert looked.template is not None, looked.findings
    return looked.template


def test_the_shipped_templates_are_all_there_and_clean(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson]
) -> None:
    assert catalogue.templates.keys() == ALL
    for campaign, channel, _, variant in ALL:  # every message there is in both languages the shop starts with
        assert {(campaign, channel, "en", variant), (campaign, channel, "pt-BR", variant)} <= ALL
    assert not catalogue.broken
    assert not catalogue.strays
    assert not [found for each in catalogue.warnings.values() for found in each]
    assert list(everyone) == EVERY_PERSON


@pytest.mark.parametrize("name", EVERY_PERSON)
@pytest.mark.parametrize("key", sorted(ALL, key=str), ids=lambda key: "-".join(map(str, key)))
def test_every_template_for_every_awkward_person(
    key: Any,
    name: str,
    catalogue: Catalogue,
    everyone: dict[str, AwkwardPerson],
    campaigns: dict[str, Campaign],
    links: Links,
) -> None:
    """Rules 5 and 17: way out and postal address in text and HTML; each text names the shop and how to stop."""
    template, person = catalogue.templates[key], everyone[name]
    content = written(template, person, campaigns, links)
    assert not re.search("[\ue000-\ue003\x1e]", content.text + (content.html or ""))
    assert "  " not in content.text.replace("\n  ", "\n")
    if template.channel is Channel.TEXT:
        assert content.text.startswith("Alder: ")
        assert content.text.endswith("Para sair: SAIR" if template.language == "pt-BR" else "STOP ends texts.")
        assert content.parts == parts(content.text).count
        return
    stop = links.stop(person.recipient.contact_point_id)
    assert content.html is not None
    assert ADDRESS in content.text
    assert ADDRESS.replace("&", "&amp;") in content.html
    assert f'href="{stop}"' in content.html
    assert f"\n{stop}\n" in content.text
    assert f'<html lang="{template.language}" dir="ltr">' in content.html
    assert max(len(line) for line in content.text.splitlines() if " " in line.strip()) <= 72
    assert len(content.pack(template.skeleton)) <= 1500
    assert Content.unpack(content.pack(template.skeleton), template.skeleton) == content
    assert len(template.skeleton) <= 32_768


@pytest.mark.parametrize("key", sorted((key for key in ALL if key[1] is Channel.TEXT), key=str), ids=str)
def test_a_text_is_one_part_for_the_usual_person(
    key: Any, catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    assert written(catalogue.templates[key], everyone["no-first-name"], campaigns, links).parts == 1


def test_hostile_names_stay_letters(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    body = "{{ customer.first_name | or('there') }} {{ order.main_item.name | or('x') }} [go]({{ link.stop }})"
    template = made(body, paper, campaigns, front="subject: \"{{ order.main_item.name | or('x') }}\"\nwhy: x\n")
    person = everyone["no-first-name"]
    for name, shown in [
        ("<b>Bob</b>", "&lt;b&gt;Bob&lt;/b&gt;"),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        ("**x** [y](z)", "**x** [y](z)"),
        ('"><a', "&quot;&gt;&lt;a"),
        ("Bob\r\nBcc: eve@evil.example", "Bob Bcc: eve@evil.example"),
        ("Ann\u202eevil", "Annevil"),
        ("a\x1eb\ue0001\ue001", "a b1"),
    ]:
        someone = replace(person, recipient=person.recipient._replace(first_name=name))
        order = {**person.facts(campaigns["delivery_check"])["order"], "main_item": {"name": name, "quantity": 1}}
        content = written(template, someone, campaigns, links, order=order)
        assert content.html is not None
        assert content.html.count(f"<bdi>{shown}</bdi>") == 2
        assert "\n" not in (content.subject or "")
        assert "Bcc" not in "".join(key for key, _ in content.headers)
        assert "49" not in content.text.splitlines()[0]


def test_a_name_with_a_web_address_is_no_name(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    template = made("Hello {{ customer.first_name | or('there') }}.", paper, campaigns, channel=Channel.TEXT)
    for name in ("[x](http://e)", "win at www.evil", "evil.com", "None", "  "):
        person = everyone["no-first-name"]
        someone = replace(person, recipient=person.recipient._replace(first_name=name))
        assert written(template, someone, campaigns, links).text.startswith("Alder: Hello there. ")


def test_missing_is_never_printed_and_has_its_place(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    template = catalogue.templates[("running_late", Channel.TEXT, "en", None)]
    person = everyone["no-first-name"]
    order = {**person.facts(campaigns["running_late"])["order"], "promised_on": None}
    with pytest.raises(RenderProblem) as caught:
        written(template, person, campaigns, links, order=order)
    assert caught.value.code == "OUT-117"
    assert str(caught.value.place) == "templates/running_late/text.en.j2:5:64"


@pytest.mark.parametrize(
    "order",
    [
        {"number": "None"},
        {"number": "nan"},
        {"placed_on": "31/02/2026"},
        {"number": "<built-in method x>"},
        "order",
        {"number": ""},
    ],
)
def test_facts_of_the_wrong_shape_cost_one_message(
    order: Any, catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    template, person = catalogue.templates[("delivery_check", Channel.EMAIL, "en", None)], everyone["capitals"]
    usual = person.facts(campaigns["delivery_check"])["order"]
    with pytest.raises(RenderProblem) as caught:
        written(template, person, campaigns, links, order={**usual, **order} if isinstance(order, dict) else order)
    assert caught.value.code == "OUT-117"


def test_what_must_never_leave(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    """Rule 17: over 1600 characters is refused."""
    person = everyone["capitals"]
    usual = person.facts(campaigns["delivery_check"])["order"]
    subject = made("x", paper, campaigns, front='subject: "{{ order.number }}"\nwhy: x\n')
    with pytest.raises(RenderProblem, match="subject"):
        written(subject, person, campaigns, links, order={**usual, "number": "=?utf-8?q?Hi=0ABcc=3A_evil=40x=2Ey?="})
    long = made("{{ order.number }}", paper, campaigns, channel=Channel.TEXT)
    with pytest.raises(RenderProblem) as caught:
        written(long, person, campaigns, links, order={**usual, "number": "9" * 1601})
    assert caught.value.code == "OUT-119"
    link = made(
        "{% for i in order.items %}{% if i.care_link %}[x]({{ i.care_link }}){% endif %}{% endfor %}", paper, campaigns
    )
    for url in (
        "https://evil.example/",
        "javascript:alert(1)",
        "https://shop.alder.example@evil.example/",
        "https://shop.alder.example\\@evil.example",
    ):
        with pytest.raises(RenderProblem):
            written(link, person, campaigns, links, order={**usual, "items": [{"name": "a", "care_link": url}]})
    good = written(
        link,
        person,
        campaigns,
        links,
        order={**usual, "items": [{"name": "a", "care_link": "https://shop.alder.example/?a=1&b=2"}]},
    )
    assert good.html is not None
    assert 'href="https://shop.alder.example/?a=1&amp;b=2"' in good.html


def test_the_headers_let_people_out(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    """Rules 1 and 34."""
    template = catalogue.templates[("upgrade_offer", Channel.EMAIL, "en", None)]
    headers = dict(written(template, everyone["capitals"], campaigns, links).headers)
    one_click = links.one_click(1)
    assert headers["List-Unsubscribe"].startswith(f"<{one_click}>, <mailto:mara@alder.example?subject=stop-")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["From"] == "Mara at Alder"


def test_shape_of_lists_loops_and_branches(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    body = """
{% if order.carrier %}
{% for one in order.items %}
- {{ loop.index }} {{ one.name }}
{% endfor %}
{% endif %}

- a
{% if order.promised_on %}
- b
{% endif %}
- c

{% if order.new_date %}no{% elif order.late_reason %}because {{ order.late_reason }}.{% else %}else{% endif %}

[Write to us]({{ link.help }})
"""
    template = made(body, paper, campaigns)
    content = written(template, everyone["two-late-orders"], campaigns, links)
    assert content.html is not None
    assert content.html.count("<ul") == 1
    assert 'class="button"' in content.html
    assert content.text.startswith("- 1 Mill 3\n- a\n- b\n- c\n\nelse\n\nWrite to us:\nmailto:mara@alder.example\n")
    order = {
        **everyone["capitals"].facts(campaigns["delivery_check"])["order"],
        "late_reason": "snow.",
        "carrier": None,
    }
    changed = written(template, everyone["capitals"], campaigns, links, order=order)
    assert changed.text.startswith("- a\n- b\n- c\n\nbecause snow.\n")


def test_right_to_left_values_are_isolated_in_plain_text(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    person = everyone["right-to-left"]
    email = written(catalogue.templates[("delivery_check", Channel.EMAIL, "en", None)], person, campaigns, links)
    assert "Hello \u2068ليلى\u2069," in email.text
    text = written(catalogue.templates[("delivery_check", Channel.TEXT, "en", None)], person, campaigns, links)
    assert "\u2068" not in text.text


def test_the_same_asked_twice_is_the_same(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    template = catalogue.templates[("delivery_check", Channel.EMAIL, "pt-BR", None)]
    one, two = (written(template, everyone["capitals"], campaigns, links) for _ in range(2))
    assert one.sha == two.sha
    assert len(one.sha) == 64
    other = written(template, everyone["two-given-names"], campaigns, links)
    assert other.sha != one.sha
    with pytest.raises(RenderProblem, match="cannot be read"):
        Content.unpack(one.pack(template.skeleton), b"another skeleton")
    with pytest.raises(RenderProblem, match="cannot be read"):
        Content.unpack(one.pack(template.skeleton)[:-20], template.skeleton)


def test_an_unknown_answer_leads_nowhere_and_known_ones_tell_which(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    template, person = catalogue.templates[("delivery_check", Channel.EMAIL, "en", None)], everyone["capitals"]
    content = written(template, person, campaigns, links)
    for answer in ("fine", "late", "wrong", "missing"):
        url = links.answer(1, "delivery_check", person.occasion.subject_key, answer)
        assert url in content.text
        assert url in (content.html or "")


def test_no_promise_and_no_main_item(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    person = everyone["no-phone"]
    order = {**person.facts(campaigns["delivery_check"])["order"], "promised_on": None}
    template = catalogue.templates[("delivery_check", Channel.EMAIL, "en", None)]
    content = written(template, person, campaigns, links, order=order, orders=[order])
    assert "Your order should have reached you by now." in content.text
    assert "promised" not in content.text


def test_order_is_the_first_of_orders(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    template, person = catalogue.templates[("delivery_check", Channel.EMAIL, "en", None)], everyone["capitals"]
    facts = person.facts(campaigns["delivery_check"])
    only_orders = written(template, person, campaigns, links, order=None)
    only_order = written(template, person, campaigns, links, orders=None)
    assert only_orders == only_order == written(template, person, campaigns, links)
    assert facts["order"] == facts["orders"][0]


def test_dashes_take_the_space_away(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    template = made("a {{- shop.name -}} b {#- x -#} c", paper, campaigns, channel=Channel.TEXT)
    assert written(template, everyone["capitals"], campaigns, links).text == "Alder: aAlderbc STOP ends texts."


def test_nothing_is_not_printed(
    paper: Stationery, campaigns: dict[str, Campaign], everyone: dict[str, AwkwardPerson], links: Links
) -> None:
    template = made("a {{ '' }} b", paper, campaigns, channel=Channel.TEXT)
    with pytest.raises(RenderProblem, match="not there"):
        written(template, everyone["capitals"], campaigns, links)
