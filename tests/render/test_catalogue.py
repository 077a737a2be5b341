"""Does each customer get the right file, and does a broken file cost only its own people?"""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.core.terms import Campaign, Channel
from outreach.render.catalogue import Catalogue, key_of, load
from tests.render.conftest import PROJECT, SHOP

TEXT = "---\nstatus: ready\n---\nHello from {name}.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "templates" / "_layouts", tmp_path / "templates" / "_layouts")
    return tmp_path


def put(project: Path, name: str, text: str = TEXT) -> None:
    path = project / "templates" / "delivery_check" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace("{name}", name), encoding="utf-8")


def chosen(
    catalogue: Catalogue, language: str | None, customer: int = 1, variant: str | None = None
) -> tuple[str, bool, bool]:
    found = catalogue.choose("delivery_check", Channel.TEXT, language=language, customer_id=customer, variant=variant)
    return (found.template.file.rpartition("/")[2] if found.template else "", found.fallback, found.broken)


def test_order_of_languages(project: Path, campaigns: dict[str, Campaign]) -> None:
    for name in ("text.en.j2", "text.pt.j2", "text.fr-CA.j2"):
        put(project, name)
    catalogue = load(project, campaigns, SHOP)
    assert chosen(catalogue, "pt") == ("text.pt.j2", False, False)
    assert chosen(catalogue, "pt-BR") == ("text.pt.j2", False, False)
    assert chosen(catalogue, "fr") == ("text.fr-CA.j2", False, False)
    assert chosen(catalogue, "de") == ("text.en.j2", True, False)
    assert chosen(catalogue, None) == ("text.en.j2", False, False)
    skip = load(project, campaigns, replace(SHOP, missing_language="skip"))
    assert chosen(skip, "de") == ("", False, False)
    put(project, "text.pt-BR.j2")
    assert chosen(load(project, campaigns, SHOP), "pt-BR") == ("text.pt-BR.j2", False, False)


def test_a_broken_file_is_not_replaced_by_another_language(project: Path, campaigns: dict[str, Campaign]) -> None:
    put(project, "text.en.j2")
    put(project, "text.pt.j2", "---\nstatus: ready\n---\n{{ nope }}\n")
    put(project, "text.fr.j2", "---\nstats: ready\n---\nx\n")
    put(project, "text.de.j2", "---\nstatus: draft\n---\n{{ nope }}\n")
    catalogue = load(project, campaigns, SHOP)
    assert chosen(catalogue, "pt") == ("", False, True)
    assert chosen(catalogue, "fr") == ("", False, True)
    assert chosen(catalogue, "de") == ("text.en.j2", True, False)
    assert [found.code for found in catalogue.broken[("delivery_check", Channel.TEXT, "pt", None)]] == ["OUT-112"]
    assert len(catalogue.broken) == 2


def test_variants(project: Path, campaigns: dict[str, Campaign]) -> None:
    put(project, "text.en.j2")
    put(project, "text.en@last.j2")
    put(project, "text.en@shorter.j2")
    catalogue = load(project, campaigns, SHOP)
    counted = Counter(chosen(catalogue, "en", customer)[0] for customer in range(2000))
    assert set(counted) == {"text.en.j2", "text.en@shorter.j2"}
    assert min(counted.values()) > 900
    assert chosen(catalogue, "en", 7) == chosen(catalogue, "en", 7)
    assert chosen(catalogue, "en", 7, "last")[0] == "text.en@last.j2"
    assert chosen(catalogue, "en", 7, "first")[0] == "text.en.j2"


def test_strays_and_names(project: Path, campaigns: dict[str, Campaign]) -> None:
    put(project, "letter.en.j2")
    put(project, "text.zz-QQ.j2")
    stray = project / "templates" / "no_such" / "text.en.j2"
    stray.parent.mkdir()
    stray.write_text(TEXT)
    assert [found.code for found in load(project, campaigns, SHOP).strays] == ["OUT-121"] * 3
    assert key_of(Path("a/email.pt-BR@shorter.j2")) == ("a", Channel.EMAIL, "pt-BR", "shorter")


def test_a_broken_layout_stops_everything(project: Path, campaigns: dict[str, Campaign]) -> None:
    put(project, "text.en.j2")
    (project / "templates/_layouts/text.txt.j2").write_text("{{ shop.nam }}: {{ message.content }}")
    with pytest.raises(Misuse) as caught:
        load(project, campaigns, SHOP)
    assert (caught.value.code, str(caught.value.place)) == ("OUT-139", "templates/_layouts/text.txt.j2:1:4")
    (project / "templates/_layouts/text.txt.j2").write_text("{{ shop.name }}: {{ message.content }}")
    with pytest.raises(Misuse, match=r"must say \{\{ words.text_stop"):
        load(project, campaigns, SHOP)
    (project / "templates/_layouts/words.yaml").unlink()
    with pytest.raises(Misuse, match=r"words\.yaml"):
        load(project, campaigns, SHOP)


def test_a_revision_changes_with_whatever_decides_its_bytes(project: Path, campaigns: dict[str, Campaign]) -> None:
    key = ("delivery_check", Channel.TEXT, "en", None)
    pieces = project / "templates" / "_pieces"
    pieces.mkdir()
    (pieces / "hello.j2").write_text("Hello {{ shop.signer }}\n")
    put(project, "text.en.j2", TEXT + '{% include "_pieces/hello.j2" %}\n')
    seen = [load(project, campaigns, SHOP).templates[key].revision]
    assert load(project, campaigns, SHOP).templates[key].revision == seen[0]
    assert load(project, campaigns, SHOP).templates[key].uses == {"shop.signer"}
    (pieces / "hello.j2").write_text("Hi {{ shop.signer }}\n")
    seen.append(load(project, campaigns, SHOP).templates[key].revision)
    seen.append(load(project, campaigns, replace(SHOP, name="Elder")).templates[key].revision)
    layout = project / "templates/_layouts/text.txt.j2"
    layout.write_text(layout.read_text() + " ")
    seen.append(load(project, campaigns, SHOP).templates[key].revision)
    assert len(set(seen)) == 4


def test_a_mistake_in_a_piece_has_the_place_of_the_piece(project: Path, campaigns: dict[str, Campaign]) -> None:
    pieces = project / "templates" / "_pieces"
    pieces.mkdir()
    (pieces / "hello.j2").write_text("\n{{ nope }} {% include '_pieces/hello.j2' %}")
    put(project, "text.en.j2", TEXT + '{% include "_pieces/hello.j2" %}\n')
    found = load(project, campaigns, SHOP).broken[("delivery_check", Channel.TEXT, "en", None)]
    assert [(f.code, str(f.place)) for f in found] == [
        ("OUT-112", "templates/_pieces/hello.j2:2:4"),
        ("OUT-134", "templates/_pieces/hello.j2:2:23"),
    ]
