"""Is every hostile template refused, with nothing of it evaluated, and quickly forgotten?"""

from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from outreach.core.terms import Campaign, Channel
from outreach.render import stationery
from outreach.render.check import Checked, check_text
from outreach.render.stationery import Stationery
from tests.render.conftest import SHOP
from tests.render.hostile import BOMBS, ESCAPES, FRONTS, PAGES, SECRETS

EMAIL = ("delivery_check", Channel.EMAIL, "en", None)
TEXT = ("delivery_check", Channel.TEXT, "en", None)
SHOWN = "templates/delivery_check/x.en.j2"
BODIES = {**ESCAPES, **BOMBS, **SECRETS}


class Evaluated(BaseException):
    """Something of a hostile template was run. No Exception: nothing may take it for the file's own fault."""


def _tripped(*_: object, **__: object) -> object:
    raise Evaluated


@pytest.fixture
def tripwire(monkeypatch: pytest.MonkeyPatch, hostile_paper: Stationery) -> Stationery:
    """The paper, after which nothing may be compiled, rendered or folded into a constant any more."""
    monkeypatch.setattr(jinja2.Environment, "compile", _tripped)
    monkeypatch.setattr(jinja2.Environment, "from_string", _tripped)
    monkeypatch.setattr(jinja2.Template, "render", _tripped)
    for kind in (nodes.BinExpr, nodes.UnaryExpr, nodes.Filter, nodes.Getattr, nodes.Getitem, nodes.Concat, nodes.Test):
        monkeypatch.setattr(kind, "as_const", _tripped)
    return hostile_paper


@pytest.fixture(scope="module")
def hostile_paper(tmp_path_factory: pytest.TempPathFactory) -> Stationery:
    """The shipped layouts beside pieces that were made to do harm."""
    folder = tmp_path_factory.mktemp("templates")
    shipped = Path(__file__).resolve().parents[2] / "templates" / "_layouts"
    (folder / "_layouts").mkdir()
    (folder / "_pieces").mkdir()
    for path in shipped.iterdir():
        (folder / "_layouts" / path.name).write_bytes(path.read_bytes())
    pieces = {
        "self.j2": b"{% include '_pieces/self.j2' %}",
        "big.j2": b"a" * 60_000,
        "token.j2": "\ue0000\ue001".encode(),
        "latin.j2": b"caf\xe9",
        "escape.j2": b"{{ ''.__class__ }}",
    }
    for name, content in pieces.items():
        (folder / "_pieces" / name).write_bytes(content)
    return stationery.load(folder, SHOP)


def checked(text: str, paper: Stationery, campaigns: dict[str, Campaign], *, email: bool) -> Checked:
    key = EMAIL if email else TEXT
    return check_text(text, SHOWN, key, paper=paper, campaign=campaigns["delivery_check"])


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("email", [True, False], ids=["email", "text"])
def test_hostile_bodies_are_refused_unread(
    name: str, email: bool, tripwire: Stationery, campaigns: dict[str, Campaign]
) -> None:
    body, code = BODIES[name]
    head = "subject: x\nwhy: x\n" if email else ""
    found = checked(f"---\n{head}status: ready\n---\n{body}\n", tripwire, campaigns, email=email)
    assert found.template is None
    assert code in {f.code for f in found.errors}, found.findings
    for finding in found.errors:
        assert finding.place is not None
        assert finding.place.line > 0 or finding.code == "OUT-110"


@pytest.mark.parametrize("name", PAGES)
def test_hostile_html_is_refused_unread(name: str, tripwire: Stationery, campaigns: dict[str, Campaign]) -> None:
    body, code = PAGES[name]
    head = "---\nsubject: x\nwhy: x\nstatus: ready\nbody: html\n---\n"
    found = checked(head + body, tripwire, campaigns, email=True)
    assert found.template is None
    assert code in {f.code for f in found.errors}, found.findings


@pytest.mark.parametrize("name", FRONTS)
def test_hostile_front_matter_is_refused_unread(
    name: str, tripwire: Stationery, campaigns: dict[str, Campaign]
) -> None:
    front, code = FRONTS[name]
    found = checked(f"---\n{front}\nstatus: ready\n---\nHello.\n", tripwire, campaigns, email=True)
    assert found.template is None
    assert code in {f.code for f in found.errors}, found.findings


@pytest.mark.parametrize("piece", ["token", "latin", "escape"])
def test_pieces_are_guarded_like_templates(piece: str, tripwire: Stationery, campaigns: dict[str, Campaign]) -> None:
    text = f"---\nsubject: x\nwhy: x\nstatus: ready\n---\n{{% include '_pieces/{piece}.j2' %}}\n"
    found = checked(text, tripwire, campaigns, email=True)
    assert found.template is None
    assert {f.code for f in found.errors} <= {"OUT-134", "OUT-135"}


def test_there_are_fifty_and_more() -> None:
    assert len(BODIES) + len(PAGES) + len(FRONTS) >= 50


def test_the_tripwire_can_trip(tripwire: Stationery, campaigns: dict[str, Campaign]) -> None:
    with pytest.raises(Evaluated):
        checked("---\nsubject: x\nwhy: x\nstatus: ready\n---\nHello.\n", tripwire, campaigns, email=True)
