"""Is the vendor the one the configuration names, is nothing trusted with a key that should not be, is a lack said?"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.core.lifecycle import Fault
from outreach.core.shop import House, Sender
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Provider
from outreach.providers.choosing import chosen
from outreach.providers.modes import Redirected
from outreach.providers.outbox import Outbox
from outreach.providers.unset import Unset
from outreach.settings import read_house
from tests.providers.envelopes import ACCOUNT, EMAIL, NOW

KEYS = {
    "SENDGRID_API_KEY": "SG.secret-one",
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": "secret-two",
    "OUTREACH_SMTP_URL": "smtp://u:secret-three@mail.example",
}
OUTBOX = Outbox(Path("nowhere"))


def house(project: Path, mode: Mode, email: str = "sendgrid", text: str = "twilio") -> House:
    found = read_house(project)
    senders = {
        Channel.EMAIL: Sender("hello@alder.example", email, per_second=5.0),
        Channel.TEXT: Sender("+447700900999", text),
    }
    return replace(found, mode=mode, senders=senders, team={Channel.EMAIL: ("lee@alder.example",)})


def names(found: dict[Channel, Provider]) -> dict[Channel, str]:
    return {channel: provider.name for channel, provider in found.items()}


def test_in_outbox_mode_it_is_the_outbox_whatever_is_named(project: Path):
    found = chosen(house(project, Mode.OUTBOX), KEYS, OUTBOX)
    assert set(found.values()) == {OUTBOX}


@pytest.mark.parametrize("email", ["sendgrid", "smtp"])
def test_in_live_mode_it_is_the_named_one(project: Path, email: str):
    found = chosen(house(project, Mode.LIVE, email), KEYS, OUTBOX)
    assert names(found) == {Channel.EMAIL: email, Channel.TEXT: "twilio"}
    assert found[Channel.EMAIL].per_second == 5.0


def test_in_team_mode_it_writes_to_the_team(project: Path):
    found = chosen(house(project, Mode.TEAM, text="outbox"), KEYS, OUTBOX)
    assert all(isinstance(provider, Redirected) for provider in found.values())
    assert names(found) == {Channel.EMAIL: "sendgrid", Channel.TEXT: "outbox"}


def test_a_teammates_number_may_be_written_with_spaces(project: Path):
    spaced = replace(house(project, Mode.TEAM), team={Channel.TEXT: ("+44 (7700) 900-777",)})
    found = chosen(spaced, KEYS, OUTBOX)[Channel.TEXT]
    assert isinstance(found, Redirected)
    assert found.reach.team == {Channel.TEXT: ("+447700900777",)}


@pytest.mark.parametrize(
    ("email", "lacks"), [("sendgrid", "SENDGRID_API_KEY"), ("smtp", "OUTREACH_SMTP_URL")], ids=["sendgrid", "smtp"]
)
def test_a_key_that_is_not_set_is_said_and_nothing_is_sent(project: Path, email: str, lacks: str):
    found = chosen(house(project, Mode.LIVE, email), {}, OUTBOX)
    assert names(found) == {Channel.EMAIL: email, Channel.TEXT: "twilio"}
    for provider, words in ((found[Channel.EMAIL], lacks), (found[Channel.TEXT], "TWILIO_ACCOUNT_SID and TWILIO_AUTH")):
        assert isinstance(provider, Unset)
        assert asyncio.run(provider.send(EMAIL)).fault is Fault.KEY
        verdict = asyncio.run(provider.check())
        assert (verdict.good, words in verdict.said) == (False, True)
        assert asyncio.run(provider.look_up(EMAIL, NOW)).message_id is None
        asyncio.run(provider.close())


BAD = {
    "SENDGRID_API_KEY": "SG.secret\nX-Header: 1",
    "TWILIO_ACCOUNT_SID": "../secret",
    "TWILIO_AUTH_TOKEN": "two secrets",
    "OUTREACH_SMTP_URL": "https://secret@mail.example",
    "OUTREACH_SENDGRID_URL": "http://secret.example",
    "OUTREACH_TWILIO_URL": "http://127.0.0.1@secret.example",
}


@pytest.mark.parametrize("name", BAD)
def test_a_variable_that_cannot_be_is_refused_and_not_shown(project: Path, name: str):
    email = "smtp" if name == "OUTREACH_SMTP_URL" else "sendgrid"
    with pytest.raises(Misuse) as refused:
        chosen(house(project, Mode.LIVE, email), {**KEYS, name: BAD[name]}, OUTBOX)
    assert refused.value.code == "OUT-413"
    assert name in refused.value.message
    assert "secret" not in f"{refused.value.message}{refused.value.facts}{refused.value.help}"


STRANGERS = [
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example#127.0.0.1",
    "http://evil.example\\@127.0.0.1",
    "ftp://127.0.0.1",
    "127.0.0.1",
    "http://127.0.0.1:80:80",
]


@pytest.mark.parametrize("url", STRANGERS)
def test_only_this_machine_may_stand_in_for_a_vendor(project: Path, url: str):
    with pytest.raises(Misuse):
        chosen(house(project, Mode.LIVE), {**KEYS, "OUTREACH_SENDGRID_URL": url}, OUTBOX)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1/", "https://[::1]:9"])
def test_this_machine_may(project: Path, url: str):
    assert names(chosen(house(project, Mode.LIVE), {**KEYS, "OUTREACH_SENDGRID_URL": url}, OUTBOX))


def test_no_key_is_shown_by_what_is_built(project: Path):
    for email in ("sendgrid", "smtp"):
        assert "secret" not in repr(chosen(house(project, Mode.LIVE, email), KEYS, OUTBOX))


def test_a_night_in_outbox_mode_loads_no_http_client(project: Path):
    """It takes a third of a second."""
    program = (
        "import sys; from pathlib import Path; import outreach.bootstrap; "
        "outreach.bootstrap.build(Path(sys.argv[1])); assert 'aiohttp' not in sys.modules"
    )
    done = asyncio.run(_run(sys.executable, "-c", program, str(project)))
    assert done == (0, "")


async def _run(*command: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    return process.returncode, said.decode()
