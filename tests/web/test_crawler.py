"""A scanner opens every link of every message, buttons of mail programs too: does it change a row? (respect.md 4)"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from outreach.flows.preview import Want, look
from outreach.flows.tonight import leaving
from outreach.render.catalogue import Catalogue
from outreach.render.content import Content
from tests.flows.stage import Stage
from tests.web.visits import Visit, visiting


def links(content: Content, base: str) -> Iterator[str]:
    """Every address of the pages in a message: HTML, text and headers."""
    for text in (content.html or "", content.text, *(value for _, value in content.headers)):
        for found in re.findall(rf"{re.escape(base)}(/[^\s\"'<>]+)", text):
            yield html.unescape(found).rstrip(".,;)>]")


def crawl(visit: Visit, found: set[str]) -> dict[str, int]:
    """GET and HEAD each; how many answered with which page."""
    seen: dict[str, int] = {}
    for link in sorted(found):
        page = visit.client.get(link, follow_redirects=False)
        head = visit.client.head(link, follow_redirects=False)
        assert page.status_code == head.status_code, link
        assert "set-cookie" not in page.headers
        name = f"{link[:3]} {page.status_code}"
        seen[name] = seen.get(name, 0) + 1
    return seen


def test_rule_4_a_scanner_changes_no_row(stage: Stage):
    night = stage.night()
    stage.hand_over()
    made = [content for _, content in leaving(stage.app, night.run_id) if content is not None]
    found = {link for content in made for link in links(content, stage.app.links.base_url)}
    assert len(made) > 30
    with visiting(stage.app) as visit:
        before = visit.dump()
        seen = crawl(visit, found)
        assert visit.dump() == before
        assert visit.faults == []
    assert set(seen) == {"/p/ 200", "/u/ 200", "/f/ 200"}, seen


@pytest.mark.timeout(300)
def test_rule_4_nor_by_the_links_of_any_template(sqlite_stage: Stage, shipped_catalogue: Callable[[], Catalogue]):
    """All campaigns, languages and awkward people: links of invented people lead nowhere, and change nothing."""
    campaigns = {name: replace(campaign, on=True) for name, campaign in sqlite_stage.app.campaigns.items()}
    app = replace(sqlite_stage.app, campaigns=campaigns)
    found: set[str] = set()
    files = [path for path in (app.project / "templates").glob("*/*.j2") if path.parent.name in campaigns]
    assert {path.parent.name for path in files} == set(campaigns)
    for path in files:
        for preview in look(app, Want(f"{path.parent.name}/{path.stem}", all_people=True)).previews:
            if preview.content is not None:
                found |= set(links(preview.content, app.links.base_url))
    assert found
    with visiting(app) as visit:
        before = visit.dump()
        crawl(visit, found)
        assert visit.dump() == before
        assert visit.faults == []
