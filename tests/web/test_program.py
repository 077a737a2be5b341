"""Is every page small, plain, private and in the right language, and is it said honestly what cannot be done?"""

import hashlib
import re
import shutil
from base64 import b64encode
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.flows import choices
from outreach.flows.send_test import ExampleLinks
from outreach.render.pages_words import load_pages
from outreach.store.schema import outbox
from outreach.web.sheet import accepted
from outreach.web.style import STYLE
from tests.flows.stage import Stage
from tests.web.visits import ANA_EMAIL, CY_EMAIL, Visit

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "pt-BR", "de", "ar")
MOST = 4096


def every_page(visit: Visit, asked: str) -> dict[str, str]:
    """Each kind of page there is, by its name: all on GET."""
    ana, cy = visit.page(ANA_EMAIL), visit.page(CY_EMAIL)
    found = {"choose": ana, "button": visit.button(ANA_EMAIL), "ask": f"{asked}?a=late", "hello": "/hello", "home": "/"}
    visit.post(asked, do="answer", a="late")
    visit.post(cy, do="stop")
    return {
        **found,
        "sorry": f"{asked}?done=sent",
        "back": cy,
        "stopped": f"{cy}?done=stopped",
        "saved": f"{ana}?done=saved",
        "confirmed": f"{ana}?done=confirmed",
        "undone": f"{ana}?done=undone",
        "sent": "/hello?done=sent",
        "wrong": "/p/nothing",
        "nowhere": "/x/y/z",
        "example": "/t/"
        + ExampleLinks(visit.app.secrets.token_keys, "https://x.example", mailbox="a@x.example")
        .choose(1)
        .rpartition("/")[2],
    }


def test_every_page_in_every_language(visit: Visit, asked: str):
    """Rule 4: no script and no form that sends itself."""
    for name, path in every_page(visit, asked).items():
        for language in LANGUAGES:
            page = visit.get(path + ("&" if "?" in path else "?") + f"l={language}")
            assert page.status_code == (404 if name in ("wrong", "nowhere") else 200), name
            assert len(page.content) < MOST, f"{name} {language}: {len(page.content)}"
            _is_plain(page)
            assert f"<html lang={language} dir={'rtl' if language == 'ar' else 'ltr'}>" in page.text
            assert page.text.count("<h1>") == 1
            assert "{" not in page.text.replace(STYLE, ""), "something was not filled in"
            assert visit.client.head(path).headers["content-length"] != "0"


def _is_plain(page: object) -> None:
    """No script, cookie, image or third party; nothing is kept or told onwards."""
    text, headers = page.text, page.headers  # type: ignore[attr-defined]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        policy,
    )
    assert "set-cookie" not in headers
    assert not re.search(r"<script|<img|<link|<iframe|style=|\son\w+=|javascript:|@import|url\(", text)
    assert "ana@example.com" not in text


def test_the_hash_is_the_styles(visit: Visit):
    page = visit.get("/hello")
    assert f"<style>{STYLE}</style>" in page.text
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_labels_and_fields_belong_together(visit: Visit, asked: str):
    """interface.md 4.7: every field has a label or stands in one, every group a legend."""
    for path in every_page(visit, asked).values():
        page = visit.get(path).text
        for field in re.findall(r"<(?:textarea|input)[^>]*>", page):
            if "type=hidden" in field:
                continue
            if "type=radio" in field or "type=checkbox" in field:
                assert f"<label>{field}" in page
            else:
                name = re.search(r"\bid=([\w-]+)", field)
                assert name is not None
                assert f"<label for={name[1]}" in page
        assert page.count("<fieldset") == page.count("<legend>")
        for about in re.findall(r"aria-describedby=([\w-]+)", page):
            assert f"id={about}" in page


def test_language_of_the_message_then_the_browser_then_the_shop(bare: Stage, visit: Visit):
    page, wants = visit.page(ANA_EMAIL), {"accept-language": "fr, pt;q=0.8, en;q=0.5"}
    assert "lang=en" in visit.get(page).text
    assert "lang=pt-BR" in visit.get(page, headers=wants).text
    bare.night()
    assert [row.language for row in visit.rows(outbox)] == ["en"]
    assert "lang=en" in visit.get(page, headers=wants).text
    assert "lang=pt-BR" in visit.get(page + "?l=pt-BR").text


def test_a_draft_is_shown_only_by_name(visit: Visit):
    assert "lang=en" in visit.get("/hello", headers={"accept-language": "de"}).text
    assert "hreflang" not in visit.get("/hello").text
    assert "?l=de" not in visit.get("/hello").text
    assert "lang=de" in visit.get("/hello?l=de").text


def test_a_language_once_asked_for_stays(visit: Visit):
    page = visit.get(visit.page(ANA_EMAIL) + "?l=de").text
    assert 'action="?l=de"' in page
    said = visit.client.post(visit.page(ANA_EMAIL) + "?l=de", data={"do": "stop"})
    assert "Erledigt. Wir schreiben Ihnen nicht mehr." in said.text


@pytest.mark.parametrize("header", ["", "*", ";;;,,q=", "en;q=x, de;q=0", "a" * 5000, "en;q=nan", "pt-BR;q=0.5,de"])
def test_accept_language_is_read_with_patience(visit: Visit, header: str):
    accepted(header)
    assert visit.get("/hello", headers={"accept-language": header}).status_code == 200
    assert accepted("pt;q=0.3, de, en;q=0.9") == ["de", "en", "pt"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_405_names_what_may_be_asked(visit: Visit, method: str):
    before = visit.dump()
    said = visit.client.request(method, visit.page(ANA_EMAIL))
    assert said.status_code == 405
    assert set(said.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "mara@alder.example" in said.text
    assert visit.dump() == before


def test_413_a_form_that_is_too_long(visit: Visit):
    for body in (b"words=" + b"x" * 70_000, (b"x" * 1000 for _ in range(70))):
        said = visit.client.post(visit.page(ANA_EMAIL), content=body)
        assert said.status_code == 413
        assert "That was too long to be read" in said.text
        _is_plain(said)


def test_no_slash_is_added_and_nothing_is_redirected(visit: Visit):
    for path in (visit.page(ANA_EMAIL) + "/", "/hello/", "/p/"):
        assert visit.client.get(path, follow_redirects=False).status_code == 404


def test_a_fault_of_ours_is_a_page_and_a_trace_for_us(visit: Visit, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("ana@example.com")

    monkeypatch.setattr(choices, "look", broken)
    said = visit.get(visit.page(ANA_EMAIL))
    assert said.status_code == 500
    assert "Something went wrong on our side" in said.text
    assert "ZeroDivision" not in said.text
    _is_plain(said)
    assert [type(fault) for fault in visit.faults] == [ZeroDivisionError]


def test_alive_tells_nothing_of_the_shop(visit: Visit):
    assert visit.get("/alive").text == "outreach pages\n"
    assert visit.client.head("/alive").status_code == 200


def test_a_test_message_changes_nothing(visit: Visit):
    links = ExampleLinks(visit.app.secrets.token_keys, visit.app.links.base_url, mailbox="a@x.example")
    before = visit.dump()
    for path in (links.choose(ANA_EMAIL), links.one_click(ANA_EMAIL), links.answer(ANA_EMAIL, "a", "b", "late")):
        for said in (visit.get(visit.path(path)), visit.client.post(visit.path(path), data={"do": "stop"})):
            assert said.status_code == 200
            assert "Example. Nothing was changed." in said.text
    assert visit.get("/t/0.nothing").status_code == 404
    assert visit.dump() == before


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ("{shop} may send me:", "{shopp} may send me:", "send_me: {shopp} is not filled in here; {shop} is", True),
        ('as_now: "as now"', 'as_now: ""', "as_now: says nothing", True),
        ("from {date})", "from then)", "pause: needs {date}", True),
        ('how: "How:"', 'howw: "How:"', '"howw" is not a key we have', True),
        ('how: "How:"', "", '"how" is missing', False),
        ('how: "How:"', 'how: "How {"', "how: has a brace alone", True),
        ("status: ready\n", "status: perhaps\n", "status: Input should be 'ready' or 'draft'", True),
    ],
)
def test_words_are_checked_at_start(tmp_path: Path, old: str, new: str, said: str, line: bool):
    shutil.copytree(ROOT / "templates" / "_pages", tmp_path / "templates" / "_pages")
    file = tmp_path / "templates" / "_pages" / "en.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Misuse) as wrong:
        load_pages(tmp_path, "en", "GB")
    found = [(one.message, one.place) for one in wrong.value.findings] or [(wrong.value.message, wrong.value.place)]
    place = next(place for message, place in found if message.startswith(said))
    assert place is not None
    assert place.file == "templates/_pages/en.yaml"
    if line:
        expected = text[: text.index(f"{old}")].count("\n") + 1
        assert place.line == expected
    assert wrong.value.code == "OUT-550"


def test_a_shop_without_ready_words_is_told(tmp_path: Path):
    (tmp_path / "templates" / "_pages").mkdir(parents=True)
    shutil.copy(ROOT / "templates" / "_pages" / "de.yaml", tmp_path / "templates" / "_pages")
    with pytest.raises(Misuse, match="no words that are ready"):
        load_pages(tmp_path, "de", "DE")
