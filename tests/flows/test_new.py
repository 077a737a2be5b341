"""Does `new` give a marketer a good start, and never take anything away?"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from outreach.bootstrap import build
from outreach.campaigns import read_campaigns
from outreach.core.errors import Misuse
from outreach.core.shop import Shop
from outreach.core.terms import Channel
from outreach.flows import new
from outreach.render import languages
from outreach.render.source import read
from outreach.settings import read_house


@pytest.fixture
def shop(project: Path) -> Shop:
    return read_house(project).shop


def words(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def everything(project: Path) -> dict[str, bytes]:
    return {str(p.relative_to(project)): p.read_bytes() for p in sorted(project.rglob("*")) if p.is_file()}


def unready(text: str) -> str:
    """The text without what a copy changes."""
    return re.sub(r"^(status|matches): .*\n", "", text, flags=re.M)


def test_a_language_copies_every_channel_of_the_english(project: Path, shop: Shop) -> None:
    made = new.language(project, shop, "delivery_check", "nl")
    assert made.made == ("templates/delivery_check/email.nl.j2", "templates/delivery_check/text.nl.j2")
    assert made.copied == ("templates/delivery_check/email.en.j2", "templates/delivery_check/text.en.j2")
    assert (made.kept, made.footer_in) == ((), "en")
    for copy, original in zip(made.made, made.copied, strict=True):
        there = read(project / original, original)
        front = read(project / copy, copy).front
        assert (front.status, front.matches) == ("draft", f"en@{there.words}")
        assert unready(words(project, copy)) == unready(words(project, original))


def test_a_draft_waits_for_publish(project: Path, shop: Shop) -> None:
    before = build(project)
    new.language(project, shop, "delivery_check", "nl")
    after = build(project)
    assert after.catalogue.templates.keys() == before.catalogue.templates.keys()
    assert not after.catalogue.broken
    for app in (before, after):
        app.engine.dispose()


def test_a_language_takes_along_the_words_a_scan_asks_for(project: Path, shop: Shop) -> None:
    """`@last` is asked for by name; a variant under trial is not copied."""
    new.variant(project, shop, "quiet_customer", "shorter")
    made = new.language(project, shop, "quiet_customer", "de")
    names = {name.rpartition("/")[2] for name in made.made}
    assert names == {"email.de.j2", "email.de@last.j2", "text.de.j2", "text.de@last.j2"}
    assert made.footer_in is None


def test_a_shop_that_never_wrote_english_starts_from_its_own(project: Path, shop: Shop) -> None:
    folder = project / "templates" / "care_tip"
    (folder / "email.en.j2").unlink()
    config = project / "config" / "outreach.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("language: en ", "language: pt-BR "), encoding="utf-8")
    own = read_house(project).shop
    with pytest.raises(Misuse) as refused:
        new.language(project, shop, "care_tip", "es")
    assert (refused.value.code, "no words in en" in refused.value.message) == ("OUT-614", True)
    made = new.language(project, own, "care_tip", "es")
    there = read(folder / "email.pt-BR.j2", "x")
    assert read(project / made.made[0], "x").front.matches == f"pt-BR@{there.words}"


def test_what_is_there_stays(project: Path, shop: Shop) -> None:
    """One channel is there already: the other is made. All are there: nothing is, and it says so."""
    mine = project / "templates" / "delivery_check" / "text.nl.j2"
    mine.write_text("---\nstatus: draft\n---\nMijn woorden.\n", encoding="utf-8")
    made = new.language(project, shop, "delivery_check", "nl")
    assert made.made == ("templates/delivery_check/email.nl.j2",)
    assert made.kept == ("templates/delivery_check/text.nl.j2",)
    assert "Mijn woorden." in mine.read_text(encoding="utf-8")
    before = everything(project)
    with pytest.raises(Misuse, match="is there already") as refused:
        new.language(project, shop, "delivery_check", "nl")
    assert refused.value.code == "OUT-615"
    assert everything(project) == before


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("pt_BR", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("DE", "de"),
        ("zh-hant", "zh-Hant"),
        ("German", "de"),
        ("deutsch", "de"),
        ("Portugese", "pt"),
        ("français", "fr"),
        ("qq", None),
        ("", None),
        ("../../etc", None),
        ("de@last", None),
        ("de/../../x", None),
    ],
)
def test_a_slip_in_a_tag_is_named(project: Path, shop: Shop, word: str, near: str | None) -> None:
    before = everything(project)
    with pytest.raises(Misuse) as refused:
        new.language(project, shop, "delivery_check", word)
    assert refused.value.code == "OUT-616"
    assert refused.value.facts == ((f'did you mean "{near}"?',) if near else ())
    assert everything(project) == before


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hant", "sr-Latn", "es-419", "ar", "gsw"])
def test_tags_that_are_right(tag: str) -> None:
    assert languages.known(tag)


MAKES: dict[str, Callable[[Path, Shop], object]] = {
    "language": lambda project, shop: new.language(project, shop, "delivery_chek", "nl"),
    "variant": lambda project, shop: new.variant(project, shop, "delivery_chek", "shorter"),
    "campaign": lambda project, shop: new.campaign(project, "mine", like="delivery_chek"),
}


@pytest.mark.parametrize("make", MAKES)
def test_an_unknown_campaign_is_named_with_the_nearest(project: Path, shop: Shop, make: str) -> None:
    with pytest.raises(Misuse, match='no campaign is called "delivery_chek"') as refused:
        MAKES[make](project, shop)
    assert (refused.value.code, refused.value.facts) == ("OUT-614", ('did you mean "delivery_check"?',))


def test_a_variant_is_of_one_message(project: Path, shop: Shop) -> None:
    made = new.variant(project, shop, "delivery_check", "shorter")
    assert made.made == ("templates/delivery_check/email.en@shorter.j2",)
    made = new.variant(project, shop, "delivery_check", "shorter", of=(Channel.TEXT, "pt-BR"))
    assert made.made == ("templates/delivery_check/text.pt-BR@shorter.j2",)
    copy = read(project / made.made[0], "x")
    original = read(project / made.copied[0], "x")
    assert (copy.front.status, copy.front.matches) == ("draft", original.front.matches)
    assert copy.words == original.words


@pytest.mark.parametrize(
    ("name", "of", "code", "fact"),
    [
        ("shorter", (None, "nl"), "OUT-614", "there are email.ar, email.de, email.en, email.pt-BR, text.ar"),
        ("Shorter", (None, None), "OUT-616", 'did you mean "shorter"?'),
        ("../x", (None, None), "OUT-616", 'did you mean "x"?'),
        ("", (None, None), "OUT-616", ""),
    ],
)
def test_a_variant_that_cannot_be(
    project: Path, shop: Shop, name: str, of: tuple[Channel | None, str | None], code: str, fact: str
) -> None:
    before = everything(project)
    with pytest.raises(Misuse) as refused:
        new.variant(project, shop, "delivery_check", name, of=of)
    assert refused.value.code == code
    assert any(found.startswith(fact) for found in refused.value.facts) or not fact
    assert everything(project) == before


def test_a_campaign_like_another_is_complete_and_asleep(project: Path) -> None:
    """Its file is switched off, names the same scan, keeps the comments; its words are drafts in every language."""
    made = new.campaign(project, "second_look", like="delivery_check")
    campaigns = read_campaigns(project)
    mine, other = campaigns["second_look"], campaigns["delivery_check"]
    assert (mine.on, mine.scan, mine.params, mine.facts) == (False, other.scan, other.params, other.facts)
    text = words(project, "config/campaigns/second_look.yaml")
    assert text.startswith("# Made from delivery_check.")
    assert "# there, a satisfaction question is advertising" in text
    assert {read(project / name, name).front.status for name in made.made[1:]} == {"draft"}
    assert len(made.made) == len(made.copied) == 1 + len(list((project / "templates" / "delivery_check").iterdir()))
    app = build(project)
    assert not app.catalogue.broken
    assert not app.catalogue.strays
    app.engine.dispose()


@pytest.mark.parametrize("like", ["invitation", "reply_received", "safety_notice", "upgrade_offer"])
def test_a_campaign_like_any_other_can_be_read(project: Path, like: str) -> None:
    new.campaign(project, "mine", like=like)
    text = words(project, "config/campaigns/mine.yaml")
    assert len(re.findall(r"^on: false$", text, flags=re.M)) == 1
    assert not read_campaigns(project)["mine"].on
    build(project).engine.dispose()


@pytest.mark.parametrize("there", ["config/campaigns/mine.yaml", "templates/mine/email.en.j2"])
def test_half_a_campaign_is_never_made(project: Path, there: str) -> None:
    path = project / there
    path.parent.mkdir(exist_ok=True)
    path.write_text(words(project, "config/campaigns/delivery_check.yaml"), encoding="utf-8")
    before = everything(project)
    with pytest.raises(Misuse, match=re.escape(f"{there} is there already")):
        new.campaign(project, "mine", like="delivery_check")
    assert everything(project) == before


@pytest.mark.parametrize(
    ("name", "near"), [("My Campaign", "my_campaign"), ("ok-not", "ok_not"), ("../x", "x"), ("9", None)]
)
def test_a_campaigns_name_becomes_a_files(project: Path, name: str, near: str | None) -> None:
    with pytest.raises(Misuse) as refused:
        new.campaign(project, name, like="delivery_check")
    assert refused.value.code == "OUT-616"
    assert refused.value.facts == ((f'did you mean "{near}"?',) if near else ())


def test_line_ends_and_odd_front_matter_survive(project: Path, shop: Shop) -> None:
    """A file saved with CRLF, a status in quotes, none at all: the copy is a draft with the same words."""
    path = project / "templates" / "stopped" / "text.en.j2"
    for front in ('status: "ready"\r\n', "notes: none\r\n", 'status : ready\r\nmatches: "en@123456"\r\n'):
        path.write_bytes(f"---\r\n{front}---\r\nWe have stopped.\r\n".encode())
        [name] = new.language(project, shop, "stopped", "nl").made
        copy = read(project / name, name)
        assert (copy.front.status, copy.body) == ("draft", "We have stopped.\n")
        assert copy.front.matches == f"en@{copy.words}"
        (project / name).unlink()
