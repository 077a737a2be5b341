"""Do hostile names and things stay letters, in the subject, the HTML, the plain text and the text message?"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from outreach.core.terms import Campaign, Channel
from outreach.render.content import Content
from outreach.render.contexts import clean, person_name
from outreach.render.links import Links
from outreach.render.message import render
from outreach.render.page import page_of
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.scan import breaks_header
from outreach.render.stationery import Stationery
from outreach.render.template import Template
from tests.render.test_message import made

NAUGHTY: list[str] = json.loads((Path(__file__).parent / "data" / "naughty_strings.json").read_text(encoding="utf-8"))
OURS = [
    "<b>Bob</b>",
    "{{ 7*7 }}",
    "{% raw %}",
    "{# x #}",
    "[x](http://e)",
    "Ana\r\nBcc: eve@evil.example",
    "Ana\nBcc: eve@evil.example",
    "Ana\u2028Bcc: eve@evil.example",
    "=?utf-8?q?Hi=0ABcc=3A_eve=40evil=2Eexample?=",
    "ليلى",
    "\u202eevil\u202c",
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaefer",
    "a" * 200,
    "a" * 4000,
    "&lt;b&gt;",
    '"><a href="https://evil.example">',
    "</title><script>alert(1)</script>",
    "-->",
    "\ue0000\ue001",
    "a\x1eb",
    "*bold* _em_ `code` # h",
    "${7*7} #{7*7} <%= 7*7 %> %s {0}",
]
ALL = [*NAUGHTY, *OURS]
SUBJECT = "subject: \"{{ order.main_item.name | or('it') }}: {{ customer.first_name | or('you') }}\"\nwhy: x\n"
BODY = "Hello {{ customer.first_name | or('there') }}, your {{ order.main_item.name | or('order') }} came.\n"


@pytest.fixture(scope="module")
def email(paper: Stationery, campaigns: dict[str, Campaign]) -> Template:
    return made(BODY, paper, campaigns, front=SUBJECT)


@pytest.fixture(scope="module")
def text(paper: Stationery, campaigns: dict[str, Campaign]) -> Template:
    return made(BODY, paper, campaigns, channel=Channel.TEXT)


def sent(
    template: Template, word: str, person: AwkwardPerson, campaigns: dict[str, Campaign], links: Links
) -> Content | None:
    """The message to somebody called `word` who bought a `word`; None when it is refused with a reason."""
    someone = person.recipient._replace(first_name=word)
    facts = person.facts(campaigns["delivery_check"])
    order = {**facts["order"], "main_item": {"name": word, "quantity": 1}}
    known = {**facts, "order": order, "orders": [order]}
    try:
        return render(template, facts=known, recipient=someone, occasion=person.occasion, links=links)
    except RenderProblem as problem:
        if problem.code not in ("OUT-117", "OUT-118", "OUT-119"):
            raise
        return None


class _Seen(HTMLParser):
    """The text of the first `bdi` elements, as a mail program shows it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: list[str] = []
        self._in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag == "bdi"
        if self._in:
            self.values.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in = False if tag == "bdi" else self._in

    def handle_data(self, data: str) -> None:
        if self._in:
            self.values[-1] += data


@pytest.fixture(scope="module")
def innocent(
    email: Template, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of the message to somebody with a plain name."""
    content = sent(email, "Ana", everyone["no-first-name"], campaigns, links)
    assert content is not None
    return shape(content)


def shape(content: Content) -> list[tuple[str, tuple[str, ...]]]:
    return [(e.tag, tuple(sorted(e.attributes))) for e in page_of(content.html or "").elements]


@pytest.mark.parametrize("word", ALL, ids=range(len(ALL)))
def test_a_name_stays_letters_in_an_email(
    word: str,
    email: Template,
    innocent: list[tuple[str, tuple[str, ...]]],
    everyone: dict[str, AwkwardPerson],
    campaigns: dict[str, Campaign],
    links: Links,
) -> None:
    content = sent(email, word, everyone["no-first-name"], campaigns, links)
    if content is None:
        return
    assert content.subject is not None
    assert content.html is not None
    assert "\n" not in content.subject
    assert not breaks_header(content.subject)
    assert shape(content) == innocent, "a value made or broke an element"
    seen = _Seen()
    seen.feed(content.html)
    shown = person_name(word) or "there"
    thing = clean(word) or "order"
    assert seen.values[:2] == [shown, thing]
    assert {name for name, _ in content.headers} == {
        "From",
        "Reply-To",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    }
    assert not any(set("\r\n\x00") & set(value) for _, value in content.headers)
    plain = re.sub(r"\s+", "", content.text).replace("\u2068", "").replace("\u2069", "")
    assert plain.startswith(re.sub(r"\s+", "", f"Hello {shown}, your {thing}"[:60]))


@pytest.mark.parametrize("word", ALL, ids=range(len(ALL)))
def test_a_name_stays_letters_in_a_text(
    word: str, text: Template, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    content = sent(text, word, everyone["no-first-name"], campaigns, links)
    if content is None:
        return
    assert content.text.startswith("Alder: Hello ")
    assert content.text.endswith("STOP ends texts.")
    assert "\n" not in content.text
    said = " ".join(f"Hello {person_name(word) or 'there'}, your {clean(word) or 'order'}".split())
    assert said in content.text


def test_a_refusal_is_the_exception(
    email: Template, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    refused = [w for w in ALL if sent(email, w, everyone["no-first-name"], campaigns, links) is None]
    assert len(refused) < len(ALL) / 10, refused


def test_seven_times_seven_is_never_calculated(
    email: Template, everyone: dict[str, AwkwardPerson], campaigns: dict[str, Campaign], links: Links
) -> None:
    for word in ("{{ 7*7 }}", "${7*7} #{7*7} <%= 7*7 %> %s {0}"):
        content = sent(email, word, everyone["no-first-name"], campaigns, links)
        assert content is not None
        assert word in (content.subject or "")
        assert "49" not in content.text.partition("--")[0]
