"""Are the words we ship fit to leave: every campaign there, every language in step, nothing to lint, one text each?"""

import re
from functools import cache
from pathlib import Path

import pytest

from outreach.campaigns import read_campaigns
from outreach.core.terms import Campaign, Channel, Kind, StartedBy
from outreach.render.catalogue import key_of
from outreach.render.content import Content
from outreach.render.links import Links
from outreach.render.lint import Bench, Looked, across, bench, look
from outreach.render.message import render
from outreach.render.people import AwkwardPerson, people
from outreach.render.template import Key
from tests.render.conftest import SHOP

PROJECT = Path(__file__).resolve().parents[1]
FILES = sorted((PROJECT / "templates").glob("[!_]*/*.j2"))
READY, DRAFTS = ("en", "pt-BR"), ("ar", "de")
#: campaign -> kind, what starts it, whether it is on at install (the table of the product).
TABLE: dict[str, tuple[Kind, StartedBy, bool]] = {
    "delivery_check": (Kind.SERVICE, StartedBy.NIGHT, True),
    "running_late": (Kind.SERVICE, StartedBy.NIGHT, True),
    "we_were_late": (Kind.SERVICE, StartedBy.NIGHT, True),
    "upgrade_offer": (Kind.OFFER, StartedBy.NIGHT, True),
    "quiet_customer": (Kind.CHECK_IN, StartedBy.NIGHT, True),
    "care_tip": (Kind.CHECK_IN, StartedBy.NIGHT, False),
    "years_on": (Kind.CHECK_IN, StartedBy.NIGHT, False),
    "parts_and_repair": (Kind.SERVICE, StartedBy.NIGHT, False),
    "surprise": (Kind.GIFT, StartedBy.NIGHT, False),
    "invitation": (Kind.CHECK_IN, StartedBy.NIGHT, False),
    "answer_by_hand": (Kind.ANSWER, StartedBy.REPLY, True),
    "damage_received": (Kind.ANSWER, StartedBy.REPLY, True),
    "lost_link": (Kind.ANSWER, StartedBy.REPLY, True),
    "reply_received": (Kind.ANSWER, StartedBy.REPLY, True),
    "stopped": (Kind.ANSWER, StartedBy.REPLY, True),
    "welcome_back": (Kind.ANSWER, StartedBy.REPLY, True),
    "safety_notice": (Kind.SAFETY, StartedBy.PERSON, False),
    "lost_customer": (Kind.SERVICE, StartedBy.NOBODY, False),
}
#: safety, apology, answer owed, delivery check, help, invitation, upgrade, quiet, surprise (product.md, belief 6).
ORDER = (
    "safety_notice we_were_late running_late answer_by_hand damage_received reply_received stopped welcome_back "
    "lost_link delivery_check care_tip parts_and_repair years_on invitation upgrade_offer quiet_customer surprise "
    "lost_customer"
)


@cache
def campaigns() -> dict[str, Campaign]:
    return read_campaigns(PROJECT)


@cache
def everyone() -> dict[str, AwkwardPerson]:
    return people(PROJECT)


@cache
def tools() -> Bench:
    return bench(PROJECT, SHOP, campaigns(), mailbox="mara@alder.example")


@cache
def looked(path: Path) -> Looked:
    key = key_of(path)
    assert key is not None, path
    return look(path, key, tools())


def written(path: Path, person: str) -> Content:
    """The message of this file, draft or not, as that person would get it."""
    checked, who = looked(path).checked, everyone()[person]
    assert checked is not None
    assert checked.template is not None, looked(path).findings
    facts = who.facts(campaigns()[path.parent.name])
    links = Links((b"k" * 32,), SHOP.base_url, mailbox="mara@alder.example")
    return render(checked.template, facts=facts, recipient=who.recipient, occasion=who.occasion, links=links)


def keys() -> dict[Key, str]:
    """Every shipped file with its status."""
    found = {key_of(path): looked(path) for path in FILES}
    return {key: each.source.front.status for key, each in found.items() if key and each.source}


def test_the_campaigns_are_those_of_the_product() -> None:
    found = {name: (c.kind, c.started_by, c.on) for name, c in campaigns().items()}
    assert found == TABLE
    assert list(campaigns()) == ORDER.split()


def test_every_campaign_has_its_words_in_both_languages() -> None:
    ready = {key for key, status in keys().items() if status == "ready"}
    wanted = {(name, channel, tag, None) for name, c in campaigns().items() for channel in c.channels for tag in READY}
    last = {("quiet_customer", channel, tag, "last") for channel in Channel for tag in READY}
    assert ready == wanted | last


def test_the_drafts_are_those_of_deliveries() -> None:
    drafts = {key for key, status in keys().items() if status == "draft"}
    names = ("delivery_check", "running_late", "we_were_late")
    assert drafts == {(name, channel, tag, None) for name in names for channel in Channel for tag in DRAFTS}


def test_lint_has_nothing_to_say() -> None:
    """Strictly: no error and no thought, for twelve people, drafts included; no translation older than its English."""
    found = across([looked(path) for path in FILES], tools())
    assert [finding for one in found for finding in one.findings] == []


def test_every_translation_says_what_it_was_made_from() -> None:
    for path in FILES:
        source = looked(path).source
        assert source is not None
        english = path.with_name(re.sub(r"\.[A-Za-z-]+(@\w+)?\.j2$", r".en\1.j2", path.name))
        if path != english:
            original = looked(english).source
            assert original is not None
            assert source.front.matches == f"en@{original.words}", path.name


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.name.startswith("text.")], ids=lambda p: f"{p.parent.name}-{p.name}"
)
def test_a_text_is_one_part_for_the_usual_person(path: Path) -> None:
    cost = looked(path).cost
    assert cost is not None
    assert cost.usual == (2 if ".ar." in path.name else 1)


@pytest.mark.parametrize("person", ["right-to-left", "long-name", "no-phone", "two-late-orders"])
@pytest.mark.parametrize("path", [p for p in FILES if ".ar." in p.name], ids=lambda p: f"{p.parent.name}-{p.name}")
def test_arabic_runs_from_right_to_left(path: Path, person: str) -> None:
    """The page, the cell and every value that runs the other way."""
    content = written(path, person)
    if content.html is None:
        assert content.text.endswith("للإيقاف: STOP")
        return
    assert '<html lang="ar" dir="rtl">' in content.html
    assert '<td align="center" lang="ar" dir="rtl">' in content.html
    assert "<bdi>" in content.html
    assert "لماذا وصلتك هذه الرسالة:" in content.text


@pytest.mark.parametrize(
    ("days", "words"), [(1, "يومًا واحدًا"), (2, "يومين"), (3, "3 أيام"), (12, "12 يومًا"), (100, "100 يوم")]
)
def test_arabic_counts_days_in_its_own_forms(days: int, words: str) -> None:
    path = PROJECT / "templates" / "we_were_late" / "email.ar.j2"
    checked, who = looked(path).checked, everyone()["no-first-name"]
    assert checked is not None
    assert checked.template is not None
    facts = who.facts(campaigns()["we_were_late"])
    order = {**facts["order"], "days_late": days}
    facts |= {"order": order, "orders": [order]}
    links = Links((b"k" * 32,), SHOP.base_url, mailbox="mara@alder.example")
    content = render(checked.template, facts=facts, recipient=who.recipient, occasion=who.occasion, links=links)
    bare = re.sub("[\u2068\u2069]", "", content.subject or "")
    assert bare.endswith(f"متأخرًا {words}")


@pytest.mark.parametrize("name", [name for name, (kind, *_) in TABLE.items() if kind in (Kind.ANSWER, Kind.SAFETY)])
def test_answers_and_safety_sell_nothing(name: str) -> None:
    """No offer, no tip, and no link but the customer pages, the shop's mailbox and what is known of a danger."""
    for path in sorted((PROJECT / "templates" / name).glob("*.j2")):
        checked = looked(path).checked
        assert checked is not None
        assert checked.template is not None
        assert not {use.partition(".")[0] for use in checked.template.uses} & {"offer", "newer", "give", "tip"}
        content = written(path, "no-first-name")
        addresses = re.findall(r'href="([^"]+)"', content.html or "")
        assert all(a.startswith((SHOP.base_url, "mailto:mara@alder.example")) for a in addresses), path.name


@pytest.mark.parametrize("name", ["delivery_check", "care_tip"])
def test_no_tip_in_a_check_and_no_shop_link_in_a_tip(name: str) -> None:
    """Germany counts a satisfaction question as advertising; and a tip that leads to the shop is an offer."""
    for path in sorted((PROJECT / "templates" / name).glob("email.*.j2")):
        checked = looked(path).checked
        assert checked is not None
        assert checked.template is not None
        assert not {use for use in checked.template.uses if use.startswith(("give", "tip.link"))}
        assert "shop.alder.example" not in (written(path, "no-first-name").html or "")


def test_every_email_is_signed_and_says_why() -> None:
    for path in FILES:
        source = looked(path).source
        assert source is not None
        if path.name.startswith("email."):
            assert "{{ shop.signer }}" in source.body.rstrip().rpartition("\n")[2], path.name
            assert source.front.why
            assert source.front.preview
        assert source.front.notes, path.name
