"""Does every message we ship let people out, by its headers and by its words, and can none leave that does not?"""

import re
from dataclasses import replace

import jinja2
import pytest

from outreach.core.terms import Campaign, Channel
from outreach.render.catalogue import Catalogue, load
from outreach.render.links import LONGEST_URL, Links, Purpose
from outreach.render.message import render
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.template import BETWEEN, Template
from tests.render.conftest import PROJECT, SHOP
from tests.render.test_message import ADDRESS, ALL, written

PAGES = "https://hello.alder.example"
EMAILS = sorted((key for key in ALL if key[1] is Channel.EMAIL), key=str)


@pytest.fixture(scope="module")
def catalogue(campaigns: dict[str, Campaign]) -> Catalogue:
    """The shipped words of a shop whose pages stand where customers can open them."""
    return load(PROJECT, campaigns, replace(SHOP, base_url=PAGES))


def links(replies: str = "") -> Links:
    return Links((b"k" * 32,), PAGES, mailbox="mara@alder.example", replies=replies)


@pytest.mark.parametrize("replies", ["", "hello@reply.alder.example"], ids=["no mailbox read", "a mailbox read"])
@pytest.mark.parametrize("key", EMAILS, ids=lambda key: "-".join(map(str, key)))
def test_rule_1_exactly_one_page_and_one_mailto(
    key: tuple[str, Channel, str, str | None],
    replies: str,
    catalogue: Catalogue,
    everyone: dict[str, AwkwardPerson],
    campaigns: dict[str, Campaign],
) -> None:
    """Rules 1 and 34: the headers of every email we ship."""
    person, ours = everyone["capitals"], links(replies)
    content = written(catalogue.templates[key], person, campaigns, ours)
    headers = {name.lower(): value for name, value in content.headers}
    assert len(headers) == len(content.headers), "each once"
    found = re.fullmatch(r"<(https://[^<>,\s]+)>, <(mailto:[^<>,\s]+)>", headers["list-unsubscribe"])
    assert found is not None
    assert max(map(len, found.groups())) <= LONGEST_URL
    who = person.recipient.contact_point_id
    assert ours.read(found[1].removeprefix(f"{PAGES}/u/"), Purpose.ONE_CLICK) == who
    mailbox, _, subject = found[2].removeprefix("mailto:").partition("?subject=")
    assert ours.read_stop_mail(mailbox.partition("@")[0], subject) == who
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert headers["auto-submitted"] == "auto-generated"
    assert headers["x-auto-response-suppress"] == "OOF, AutoReply"


def saying(template: Template, whole: str) -> Template:
    """The same message, as if its paper had come out like this."""
    return replace(template, program=replace(template.program, whole=jinja2.Template(whole)))


def problem(template: Template, person: AwkwardPerson, campaigns: dict[str, Campaign]) -> str | None:
    facts = person.facts(campaigns[template.campaign])
    try:
        render(template, facts=facts, recipient=person.recipient, occasion=person.occasion, links=links())
    except RenderProblem as refused:
        return f"{refused.code} {refused.message.rpartition(': ')[2]}"
    return None


def test_rule_5_without_a_way_out_or_an_address_nothing_is_rendered(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign]
) -> None:
    template, person = catalogue.templates["upgrade_offer", Channel.EMAIL, "en", None], everyone["capitals"]
    stop, shop = links().stop(person.recipient.contact_point_id), ADDRESS.replace("&", "&amp;")
    html, text = f"<p>{stop} {shop}</p>", f"{stop} {ADDRESS}"
    assert problem(saying(template, f"Hi{BETWEEN}{html}{BETWEEN}{text}"), person, campaigns) is None
    for page, words, lacking in (
        (html.replace(stop, ""), text, "OUT-119 the message has no way out"),
        (html, text.replace(stop, ""), "OUT-119 the message has no way out"),
        (html.replace(stop, links().stop(4711)), text, "OUT-119 the message has no way out"),
        (html.replace(shop, ""), text, "OUT-119 the message has no postal address"),
        (html, text.replace(ADDRESS, ""), "OUT-119 the message has no postal address"),
    ):
        assert problem(saying(template, f"Hi{BETWEEN}{page}{BETWEEN}{words}"), person, campaigns) == lacking


def test_rule_17_without_the_shop_and_its_stop_no_text_is_rendered(
    catalogue: Catalogue, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign]
) -> None:
    template, person = catalogue.templates["upgrade_offer", Channel.TEXT, "en", None], everyone["capitals"]
    assert problem(saying(template, "Alder: hello. STOP ends texts."), person, campaigns) is None
    for words in ("Hello. STOP ends texts.", "Alder: hello."):
        refused = problem(saying(template, words), person, campaigns)
        assert refused == "OUT-119 a text names the shop and says how to stop"
