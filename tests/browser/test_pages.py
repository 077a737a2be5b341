"""Can everybody use the pages: by keyboard, on a small screen, magnified, in the dark, without scripts?"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page

from outreach.store.contacts import suppressions
from outreach.store.inbox_schema import conversations, delivery_answers
from outreach.store.types import metadata
from tests.browser.conftest import Site

LANGUAGES = ("en", "pt-BR", "de", "ar")
#: Where to keep pictures of the pages for a person's eyes; none are kept unless it is set.
SCREENS = os.environ.get("OUTREACH_TEST_SCREENS")
#: Every text's contrast with what is behind it, and the size of everything that can be pressed.
LOOK = """() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor
    if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' }
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) }
  const all = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility())
  const texts = all.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  const box = e => e.getBoundingClientRect()
  return {
    contrast: Math.min(...texts.map(e => ratio(getComputedStyle(e).color, behind(e)))),
    edges: Math.min(9, ...all.filter(e => e.matches('textarea,input.t,button'))
      .map(e => ratio(getComputedStyle(e).borderTopColor, behind(e.parentElement)))),
    rows: Math.min(...all.filter(e => e.matches('button,label:has(input)')).map(e => box(e).height)),
    boxes: Math.min(24, ...all.filter(e => e.matches('[type=radio],[type=checkbox]')).map(e => box(e).height)),
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }
}"""
RING = "(s => [s.outlineWidth, s.outlineStyle, s.outlineColor])(getComputedStyle(document.activeElement))"


@pytest.fixture
def opened(browser: Browser) -> Any:
    """Open a window of some kind; closed at the end."""
    contexts: list[BrowserContext] = []

    def open_one(**how: Any) -> Page:
        contexts.append(browser.new_context(**how))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def shot(page: Page, name: str) -> None:
    if SCREENS:
        Path(SCREENS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SCREENS) / f"{name}.png", full_page=True)


def every_page(site: Site) -> dict[str, str]:
    """All that can be looked at; for each its address."""
    links = site.stage.app.links
    return {
        "choose": site.choose,
        "ask": site.ask,
        "hello": f"{site.served.at}/hello",
        "wrong": f"{site.served.at}/p/nothing",
        "undone": f"{site.choose}?done=undone",
        "saved": f"{site.choose}?done=saved",
        "button": site.at(links.one_click(1)),
    }


def every_row(site: Site) -> dict[str, list[Any]]:
    """Of every table."""
    return {name: site.stage.rows(sa.select(table)) for name, table in metadata.tables.items()}


def test_by_keyboard_alone(site: Site, opened: Callable[..., Page]):
    page = opened()
    page.goto(site.choose)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Stop everything"
    ring = page.evaluate(RING)
    assert ring == ["3px", "solid", "rgb(0, 0, 0)"]
    page.keyboard.press("Enter")
    page.wait_for_url("**done=stopped*")
    assert page.title() == "Done. We will not write to you again."
    shot(page, "stopped")
    assert len(site.stage.rows(suppressions.select())) == 2
    page.reload()  # reload is harmless: no question whether to send a form again
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=undone*")
    assert page.title().startswith("Done: ")
    assert site.stage.rows(suppressions.select()) == []
    page.goto(site.choose)
    for key in ("Tab", "Tab", "ArrowDown", "Tab", "Tab", "Space", "Tab", "Enter"):  # orders only, not by text
        page.keyboard.press(key)
    page.wait_for_url("**done=saved*")
    assert {row.scope for row in site.stage.rows(suppressions.select())} == {"offers", "text"}
    shot(page, "saved")


def test_without_scripts_and_without_a_trace(site: Site, opened: Callable[..., Page]):
    page = opened(java_script_enabled=False)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.ask)
    assert page.locator("input:checked").get_attribute("value") == "late"
    page.click("text=Send this answer")
    shot(page, "sorry")
    page.click("text=Send another")
    page.fill("textarea", "The lid is in two pieces. <b>&amp; \N{PARTY POPPER}")
    page.click("button")
    assert "Mara or a colleague will answer you by" in page.inner_text("main")
    shot(page, "promised")
    assert site.stage.rows(delivery_answers.select())[-1].words == "The lid is in two pieces. <b>&amp; \N{PARTY POPPER}"
    assert len(site.stage.rows(conversations.select())) == 1
    assert page.context.cookies() == []
    assert all(url.startswith(site.served.at) for url in asked)
    assert [line for line in said if "favicon" not in line] == []  # nothing the policy had to refuse


def test_rule_4_a_scanner_that_runs_scripts_changes_no_row(site: Site, opened: Callable[..., Page]):
    """It opens whatever a message leads to, moves over it, and stays until nothing happens any more."""
    page, before = opened(), every_row(site)
    for address in every_page(site).values():
        page.goto(address, wait_until="networkidle")
        page.mouse.move(300, 200)
        page.keyboard.press("End")
        page.wait_for_load_state("networkidle")
        assert page.url == address, "nothing leads anywhere by itself"
    assert every_row(site) == before


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.timeout(240)
def test_every_page_fits_and_can_be_read(site: Site, opened: Callable[..., Page], dark: bool):
    """320 px wide is also 1280 px at 400 %. Contrast 4.5:1 for texts and 3:1 for edges; 44 px rows, 24 px boxes."""
    page = opened(viewport={"width": 320, "height": 640}, color_scheme="dark" if dark else "light")
    for name, address in every_page(site).items():
        for language in LANGUAGES:
            page.goto(address + ("&" if "?" in address else "?") + f"l={language}")
            found = page.evaluate(LOOK)
            where = f"{name} {language}"
            assert found["sideways"] <= 0, where
            assert found["contrast"] >= 4.5, where
            assert found["edges"] >= 3, where
            assert found["rows"] is None or found["rows"] >= 44, where
            assert found["boxes"] >= 24, where
            shot(page, f"{name}-{language}{'-dark' if dark else ''}-320")


def test_a_problem_stands_at_the_top_and_leads_to_its_field(site: Site, opened: Callable[..., Page]):
    page = opened()
    page.goto(f"{site.served.at}/hello")
    page.click("button")
    assert page.title() == "Error: Lost your link?"
    page.click("text=This is neither an email address")
    assert page.evaluate("document.activeElement.id || location.hash") in ("address", "#address")
    assert page.get_attribute("#address", "aria-describedby") == "problem"
    shot(page, "problem")


def test_right_to_left(site: Site, opened: Callable[..., Page]):
    page = opened(viewport={"width": 800, "height": 900})
    page.goto(f"{site.choose}?l=ar")
    main, button = page.locator("main").bounding_box(), page.locator("button").first.bounding_box()
    assert main is not None
    assert button is not None
    assert abs((main["x"] + main["width"]) - (button["x"] + button["width"])) < 1
    shot(page, "choose-ar")


def test_letters_of_twice_the_size(site: Site, opened: Callable[..., Page]):
    """Somebody who sets their browser's letters to 200 % loses nothing: every measure hangs on the letters."""
    page = opened(viewport={"width": 640, "height": 900})
    page.goto(f"{site.choose}?l=de")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(LOOK)["sideways"] <= 0
    shot(page, "choose-de-200")
