"""Does `outreach serve` start, say where, and refuse plainly what it cannot do?"""

import socket
import urllib.request
from collections.abc import Iterator

import pytest

from tests.browser.serving import Served
from tests.cli.screens import Type
from tests.flows.stage import Stage


@pytest.fixture
def served(sqlite_stage: Stage) -> Iterator[Served]:
    sqlite_stage.close()
    found = Served(sqlite_stage.project)
    yield found
    found.kill()


def test_it_answers_and_ends_gently_at_term(served: Served):
    with urllib.request.urlopen(f"{served.at}/alive") as said:
        assert said.read() == b"outreach pages\n"
    code, words = served.stop()
    assert code == 143
    assert "Traceback" not in words


def test_a_second_program_on_the_port_is_refused(here: Type):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = here("serve", "pages", "--port", taken.getsockname()[1])
    assert said.code == 2
    assert "OUT-552" in said.err


@pytest.mark.parametrize(("typed", "code"), [("studio", "OUT-551"), ("soup", "OUT-600")])
def test_only_the_pages_are_served(here: Type, typed: str, code: str):
    said = here("serve", typed)
    assert said.code == 2
    assert code in said.err


def test_broken_words_start_nothing(here: Type, sqlite_stage: Stage):
    words = sqlite_stage.project / "templates" / "_pages" / "en.yaml"
    words.write_text(words.read_text(encoding="utf-8").replace("stop:", "stopp:", 1), encoding="utf-8")
    said = here("serve", "pages", "--port", 0)
    assert said.code == 2
    assert "templates/_pages/en.yaml:" in said.err
