"""What do the logs never say? Lines as a program wrote them, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from outreach.observe.logs import masked

ROOT = Path(__file__).resolve().parents[2]


def said(text: str, *, verbose: int = 0) -> list[dict]:
    """What a program logs."""
    program = f"import logging\nfrom outreach.observe.logs import logger, set_up\nset_up(verbose={verbose})\n{text}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_one_event_is_one_line_of_json():
    (line,) = said('logger("worker").info("handed over", accepted=3, provider="sendgrid")')
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "handed over",
        "accepted": 3,
        "provider": "sendgrid",
        "level": "info",
        "part": "worker",
    }


@pytest.mark.parametrize(
    "text",
    [
        'logger("x").info("to ana@example.com")',
        'logger("x").info("sent", to="<ana@example.com>", rows=[("ana@example.com", 1)])',
        'logging.getLogger("anything").warning("to %s at %s", "ana@example.com", "+44 7400 000000")',
        'logging.getLogger("anything").warning({"to": "ana@example.com"})',
        'logger("x").info("text", to="+447400000000")',
    ],
)
def test_what_slips_in_is_masked(text: str):
    (line,) = said(text)
    shown = json.dumps(line)
    assert "ana" not in shown.lower().replace("anything", "")
    assert "7400" not in shown


def test_of_an_error_only_its_kind_is_said():
    text = """
try:
    raise ValueError("bound values: ana@example.com, Ana Ribeiro")
except ValueError:
    logging.getLogger("library").exception("failed")
    logger("x").error("failed", exc_info=True)
"""
    for line in said(text):
        assert line["error"] == "ValueError"
        assert "Ribeiro" not in json.dumps(line)


def test_libraries_that_print_what_they_carry_are_hushed_even_at_debug():
    names = ["sqlalchemy.engine", "aiohttp.client", "python_http_client", "twilio.http_client", "asyncio", "redis"]
    text = "\n".join(f'logging.getLogger("{name}").info("secret")' for name in names)
    assert said(text, verbose=1) == []


def test_debug_is_for_those_who_ask_and_quiet_hears_warnings_only():
    text = 'logger("x").debug("d")\nlogger("x").info("i")\nlogger("x").warning("w")'
    heard = {verbose: [line["event"] for line in said(text, verbose=verbose)] for verbose in (-1, 0, 1)}
    assert heard == {-1: ["w"], 0: ["i", "w"], 1: ["d", "i", "w"]}


def test_the_queue_complains_once_a_minute_not_once_a_second():
    text = 'for _ in range(50):\n    logging.getLogger("dramatiq.worker").critical("no connection: %s", "refused")'
    assert [line["event"] for line in said(text)] == ["no connection: refused"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("m-12 by vm:4121:99", "m-12 by vm:4121:99"),
        ("at 2026-11-22T02:07:40+00:00", "at 2026-11-22T02:07:40+00:00"),
        ("to a.b+c@mail.example.", "to (address)"),
        ("<a@b>", "<(address)>"),
        ("+44 (0) 7400-000-000", "(number)"),
    ],
)
def test_only_addresses_and_numbers_are_taken_out(text: str, shown: str):
    assert masked(text) == shown
