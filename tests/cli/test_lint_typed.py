"""What does `outreach lint` say, in which format, with which exit code, and about which files?"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from outreach.core.explanations import EXPLANATIONS
from tests.cli.screens import Type, typed
from tests.cli.test_every_command import decent
from tests.flows.stage import NIGHT, ROOT, Stage, new_project

ENGLISH = "templates/delivery_check/email.en.j2"
TEXT = "templates/delivery_check/text.en.j2"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project of one's own with the words of two campaigns: no database, no keys."""
    project = new_project(tmp_path / "shop")
    (project / ".env").unlink()
    for folder in (project / "templates").glob("[!_]*"):
        if folder.name not in ("delivery_check", "we_were_late"):
            shutil.rmtree(folder)
    return project


@pytest.fixture
def o(capsys: pytest.CaptureFixture[str], place: Path) -> Type:
    return typed(capsys, place)


def change(place: Path, name: str, old: str, new: str) -> None:
    path = place / name
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new, 1), encoding="utf-8", newline="")


def test_the_shipped_templates_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    said = typed(capsys, ROOT)("lint", "--strict")
    count = len(list((ROOT / "templates").glob("[!_]*/*.j2")))
    assert said.code == 0, said.out
    assert f"{count} templates, 12 people each: all good" in said.out
    assert "for the usual person, at worst" in said.out
    decent(said)


def test_an_error_has_its_place_its_caret_and_a_mend(o: Type, place: Path) -> None:
    change(place, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    said = o("lint", ENGLISH)
    decent(said)
    assert said.code == 1
    assert said.out.splitlines()[:5] == [
        f"{ENGLISH}:2:20  error OUT-112",
        "  `order.numbre` does not exist",
        ' 2 | subject: "Order {{ order.numbre }}: did it arrive?"',
        "   |                    ^^^^^^^^^^^^",
        "   = did you mean `order.number`? (text)",
    ]
    assert "Next:   outreach explain OUT-112" in said.out
    assert "1 template, 12 people each: 1 error, 0 warnings" in said.out


def test_line_ends_and_dashes_move_nothing(o: Type, place: Path) -> None:
    change(place, ENGLISH, "Did it come", "{%- if order.carrier -%}\n  On {{ order.caried }}{% endif %}\nDid it come")
    path = place / ENGLISH
    line = next(i for i, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "caried" in text)
    for ending in ("\n", "\r\n", "\r"):
        path.write_bytes(path.read_text(encoding="utf-8").replace("\n", ending).encode("utf-8"))
        assert f"{ENGLISH}:{line}:9: error OUT-112" in o("lint", ENGLISH, "--format", "concise").out
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert f"{ENGLISH}:{line}:9: error OUT-112" in o("lint", ENGLISH, "--format", "concise").out


def test_warnings_fail_only_when_strict(o: Type, place: Path) -> None:
    change(place, ENGLISH, "Did it come", "Hurry. Did it come")
    said = o("lint", ENGLISH)
    assert (said.code, "warning OUT-141" in said.out) == (0, True)
    assert o("lint", ENGLISH, "--strict").code == 1
    assert o("-q", "lint", ENGLISH).out == ""
    assert "OUT-141" in o("-q", "lint", ENGLISH, "--strict").err


def test_each_format_is_whole(o: Type, place: Path) -> None:
    change(place, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    change(place, TEXT, "All well", "All well, everything, every little thing, and nothing broken or lost at all then")
    concise = o("lint", "delivery_check", "--format", "concise").out.splitlines()
    assert re.fullmatch(rf"{ENGLISH}:2:20: error OUT-112 .*", next(x for x in concise if ENGLISH in x))
    (github,) = [x for x in o("lint", ENGLISH, "--format", "github").out.splitlines() if x]
    assert github.startswith(f"::error file={ENGLISH},line=2,col=20,title=OUT-112::`order.numbre` does not exist%0A")
    document = json.loads(o("lint", "delivery_check", "--format", "json").out)
    assert document == o("lint", "delivery_check", "--json").document
    assert (document["schema"], document["exit_code"], document["errors"]) == ("outreach.lint/1", 1, 1)
    assert {p["code"] for p in document["problems"]} >= {"OUT-112", "OUT-151"}
    assert {p["severity"] for p in document["problems"]} == {"error", "warning"}
    assert document["text_parts"][TEXT]["usual"] == 2
    sarif = json.loads(o("lint", ENGLISH, "--format", "sarif").out)
    (result,) = sarif["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (2, 20, 32)
    (rule,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == EXPLANATIONS["OUT-112"].title


@pytest.mark.parametrize(
    "path", ["delivery_check", "templates/delivery_check", ENGLISH, "delivery_check/email.en.j2", "templates"]
)
def test_paths_are_files_folders_or_campaigns(path: str, o: Type, place: Path) -> None:
    change(place, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    assert o("lint", path).code == 1
    assert o("lint", place / ENGLISH).code == 1
    assert o("lint", "we_were_late").code == 0
    link = place.parent / "link"
    link.symlink_to(place)
    assert o("lint", link / ENGLISH).code == 1


def test_a_path_that_is_not_there(o: Type) -> None:
    said = o("lint", "delivery_chek")
    assert said.code == 2
    assert 'there is no template at "delivery_chek"' in said.err
    assert 'did you mean "delivery_check"?' in said.err
    assert o("lint", "/etc/passwd").code == 2
    assert "is no message" in o("lint", "templates/_layouts/email.html.j2").err
    assert o("lint", "--select", "campaign:x").code == 2
    assert o("lint", "--format", "xml").code == 2


def test_no_template_at_all(o: Type, place: Path) -> None:
    for folder in (place / "templates").glob("[!_]*"):
        shutil.rmtree(folder)
    said = o("lint")
    decent(said)
    assert (said.code, "There is no template to look at." in said.out) == (0, True)
    assert "outreach new language" in said.out


def test_files_that_are_nobodys(o: Type, place: Path) -> None:
    (place / "templates/delivery_check/email.en.html").write_text("x", encoding="utf-8")
    (place / "templates/nobody").mkdir()
    (place / "templates/nobody/email.en.j2").write_text("x", encoding="utf-8")
    said = o("lint", "--format", "concise")
    assert said.code == 1
    assert "templates/delivery_check/email.en.html: error OUT-121" in said.out
    assert "templates/nobody/email.en.j2: error OUT-121" in said.out


def test_a_broken_layout_is_a_finding(o: Type, place: Path) -> None:
    change(place, "templates/_layouts/email.html.j2", "{{ link.stop }}", "https://shop.alder.example")
    said = o("lint", "--format", "concise")
    assert said.code == 1
    assert "templates/_layouts/email.html.j2" in said.out
    assert "OUT-139" in said.out


def test_a_layout_nobody_can_read_is_found(o: Type, place: Path) -> None:
    change(place, "templates/_layouts/email.html.j2", "color: #55554f", "color: #b0b0b0")
    change(place, "templates/_layouts/email.html.j2", 'lang="{{ message.language }}" dir', "dir")
    change(place, "templates/_layouts/email.html.j2", "text-decoration: underline", "text-decoration: none")
    codes = {p["code"] for p in o("lint", ENGLISH, "--json").document["problems"]}
    assert codes == {"OUT-170", "OUT-174", "OUT-176"}


def test_what_changed_since_the_last_night(capsys: pytest.CaptureFixture[str], sqlite_stage: Stage) -> None:
    o = typed(capsys, sqlite_stage.project)
    select = ("lint", "delivery_check", "--select", "state:changed", "--json")
    everything = o("lint", "delivery_check", "--json").document["templates"]
    assert o(*select).document["templates"] == everything
    sqlite_stage.night(NIGHT)
    used = {m.template_revision for m in sqlite_stage.messages() if m.campaign == "delivery_check"}
    assert used
    after = o(*select).document["templates"]
    assert after == everything - len(used)
    change(sqlite_stage.project, ENGLISH, "Did it come", "Did it all come")
    assert o(*select).document["templates"] == after + 1


def test_what_only_looks_like_a_template_is_named_and_never_read(o: Type, place: Path) -> None:
    """Reading a pipe would wait for ever."""
    folder = place / "templates" / "delivery_check"
    (folder / "email.fi.j2").mkdir()
    os.mkfifo(folder / "email.sv.j2")
    (folder / "email.nl.j2").symlink_to("gone.j2")
    said = o("lint", "delivery_check")
    decent(said)
    lines = said.out.splitlines()
    found = {line.split()[0]: lines[i + 1].strip() for i, line in enumerate(lines) if line.endswith("error OUT-121")}
    base = "templates/delivery_check/email"
    assert found == {
        f"{base}.fi.j2": "this is a folder, so no message comes from it",
        f"{base}.nl.j2": "this is a link to nothing, so no message comes from it",
        f"{base}.sv.j2": "this is no plain file, so no message comes from it",
    }
    assert said.code == 1
