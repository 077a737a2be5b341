"""Can a newcomer add a language, a variant and a campaign by following docs/templates.md, in the terminal only?"""

import re
import shlex
from pathlib import Path

import pytest

from outreach.core.terms import Channel
from outreach.flows.tonight import leaving
from outreach.store.shop import customers
from tests.cli.screens import Said, Type
from tests.flows.stage import ROOT, Stage

PAGE = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, flags=re.M | re.S)
    assert found, title
    return found[1]


def commands(title: str) -> list[list[str]]:
    """What the page says to type, in its order."""
    return [shlex.split(line)[1:] for line in re.findall(r"^(outreach .*?)(?:   .*)?$", section(title), flags=re.M)]


def blocks(title: str) -> dict[str, str]:
    """File -> what the page says to write into it: below the front matter of a template, at the end of others."""
    return dict(re.findall(r"^`(templates/[\w/.@-]+)`[^\n]*\n+```\w+\n(.*?)```", section(title), flags=re.M | re.S))


def edit(project: Path, name: str, words: str) -> None:
    path = project / name
    text = path.read_text(encoding="utf-8")
    head = re.match(r"---\n.*?\n---\n", text, flags=re.S)
    path.write_text((head[0] if head else text) + words, encoding="utf-8")


def typed_in_order(o: Type, title: str, project: Path) -> list[Said]:
    """The first command, then the edits, then the others. Each does what it is there for."""
    first, *rest = commands(title)
    said = [o(*first)]
    for name, words in blocks(title).items():
        edit(project, name, words)
    said += [o(*words) for words in rest]
    for words, each in zip([first, *rest], said, strict=True):
        assert each.code == 0, (words, each.out, each.err)
    return said


def test_a_new_language_from_nothing(here: Type, sqlite_stage: Stage) -> None:
    """Made, written, checked, looked at, published; and the next night writes Dutch to those who read it."""
    project = sqlite_stage.project
    said = typed_in_order(here, "A new language", project)
    assert [words[0] for words in commands("A new language")] == ["new", "lint", "preview", "publish"]
    (made, linted, shown, published) = said
    assert "templates/delivery_check/text.nl.j2" in made.out
    assert "The footer would be in en" in made.out
    assert "all good" in linted.out
    assert "Afmelden: STOP" in shown.out
    assert "publish" in published.out or "ready" in published.out
    front = (project / "templates" / "delivery_check" / "text.nl.j2").read_text(encoding="utf-8")
    assert "status: ready\n" in front
    assert "status: draft\n" in (project / "templates" / "delivery_check" / "email.nl.j2").read_text(encoding="utf-8")
    app = sqlite_stage.rebuilt()
    choice = app.catalogue.choose("delivery_check", Channel.TEXT, language="nl", customer_id=1)
    assert (choice.fallback, choice.template and choice.template.language) == (False, "nl")
    sqlite_stage.change(customers.update().values(language="nl"))
    planned = sqlite_stage.night()
    texts = [
        content.text
        for row, content in leaving(app, planned.run_id)
        if content and row.campaign == "delivery_check" and row.channel == "text"
    ]
    assert texts
    assert all(text.startswith("Alder: ") and text.endswith("Afmelden: STOP") for text in texts)


@pytest.mark.parametrize("title", ["A new variant", "A new campaign"])
def test_a_variant_and_a_campaign(here: Type, sqlite_stage: Stage, title: str) -> None:
    typed_in_order(here, title, sqlite_stage.project)
    app = sqlite_stage.rebuilt()
    assert not app.catalogue.broken
    assert not app.catalogue.strays


def test_the_answer_names_files_in_json(here: Type) -> None:
    document = here("new", "language", "delivery_check", "fr", "--json").document
    assert document["schema"] == "outreach.new/1"
    assert document["made"] == ["templates/delivery_check/email.fr.j2", "templates/delivery_check/text.fr.j2"]
    assert (document["kept"], document["footer_in"], document["problems"]) == ([], "en", [])
    again = here("new", "language", "delivery_check", "fr", "--json")
    assert (again.code, again.document["problems"][0]["code"]) == (2, "OUT-615")


def test_every_screen_fits(here: Type) -> None:
    for words in (
        "language quiet_customer fr",
        "variant parts_and_repair shorter",
        "campaign spring --like delivery_check",
    ):
        said = here("new", *words.split())
        assert said.code == 0
        assert max(len(line) for line in said.out.splitlines()) <= 80, said.out
