"""Are complaints, bounces, automatic answers and people told apart in mail that nobody here wrote?

What disagrees with a label is listed with the reason, so that a change for the worse, and for the better, shows.
"""

import json
from pathlib import Path

import pytest

from outreach.inbound.bounces import Outcome
from outreach.inbound.letter import read_letter
from outreach.inbound.sorts import Kind, Sorted, sort
from tests.hearing.texts import texts

MAIL = Path(__file__).resolve().parents[1] / "payloads" / "mail"
SISIMAI = json.loads((MAIL / "sisimai" / "expected.json").read_text())["messages"]
KINDS = {"autoreply": Kind.AUTO, "bounce": Kind.BOUNCE, "arf": Kind.COMPLAINT, "notbounce": Kind.HUMAN}
OTHERWISE = {
    "arf/arf-26.eml": Kind.TOKEN,  # rule 8: Apple Mail's mailto, sent as "auto-replied"
    "notbounce/rb-issue-368-bug.eml": Kind.BOUNCE,  # "Mailbox full": a bounce for whoever reads it
}
#: Sisimai calls these "filtered" or "rejected"; each says that there is no such user.
NO_SUCH_USER = {"bounce/rfc3464-35.eml", "bounce/rfc3464-42.eml", "bounce/rfc3464-57.eml"}
FLUFL = json.loads((MAIL / "flufl_bounce" / "expected.json").read_text())["cases"]
#: flufl's own set holds an automatic answer, a text that is only quoted, and one notice without any machine in it.
NO_BOUNCE = {"qmail_08.txt": Kind.AUTO, "groupwise_03.txt": Kind.HUMAN, "simple_20.txt": Kind.HUMAN}


def sorted_file(path: Path) -> Sorted:
    return sort(read_letter(path.read_bytes()), read_token=lambda token: None)


@pytest.mark.parametrize("case", SISIMAI, ids=lambda case: case["file"])
def test_rule_29_sisimai_mail_is_told_apart(case):
    found = sorted_file(MAIL / "sisimai" / case["file"])
    assert found.kind is OTHERWISE.get(case["file"], KINDS[case["klass"]])


@pytest.mark.parametrize("case", [c for c in SISIMAI if c["klass"] == "bounce"], ids=lambda case: case["file"])
def test_rule_30_only_an_address_where_nobody_is_counts_as_dead(case):
    found = sorted_file(MAIL / "sisimai" / case["file"])
    hard = any(one["hardbounce"] for one in case["expected"]["recipients"]) or case["file"] in NO_SUCH_USER
    assert found.hard is hard
    assert bool(found.suppress) is hard


@pytest.mark.parametrize("case", [c for c in SISIMAI if c["klass"] == "arf"][:-1], ids=lambda case: case["file"])
def test_rule_31_only_the_complaints_of_people_suppress(case):
    found = sorted_file(MAIL / "sisimai" / case["file"])
    assert found.feedback_type == case["expected"]["feedback_types"][0]
    assert bool(found.suppress) is (found.feedback_type != "auth-failure" and bool(found.about))


def test_rule_31_a_complaint_names_everybody_it_is_about():
    found = sorted_file(MAIL / "sisimai" / "arf" / "arf-16.eml")
    assert len(found.suppress) == 7
    assert found.suppress[0] == "kijitora@example.com"
    assert found.references == ("<ffffffffffffffffffffffff0000000@example.jp>",)


def test_rule_31_microsofts_old_loop_names_the_recipient_in_the_message_it_returns():
    found = sorted_file(MAIL / "sisimai" / "arf" / "arf-22.eml")
    assert found.suppress == ("kijitora@example.com",)


def test_rule_30_a_success_report_suppresses_nobody():
    found = sorted_file(MAIL / "sisimai" / "bounce" / "rfc3464-28.eml")
    assert {one.outcome for one in found.deliveries} == {Outcome.DELIVERED}
    assert not found.suppress


@pytest.mark.parametrize("case", FLUFL, ids=lambda case: f"{case[0]}-{case[1]}")
def test_bounces_of_many_mail_programs_are_bounces(case):
    assert sorted_file(MAIL / "flufl_bounce" / "data" / case[1]).kind is NO_BOUNCE.get(case[1], Kind.BOUNCE)


def test_bounces_name_whom_they_are_about():
    """Of the 113 bounces, 100 give exactly the addresses that flufl.bounce finds; the rest name lists or nobody."""
    right = 0
    for _, name, addresses, _ in FLUFL:
        found = sorted_file(MAIL / "flufl_bounce" / "data" / name)
        failed = {one.address.lower() for one in found.deliveries if one.address and one.outcome != Outcome.DELIVERED}
        right += found.kind is Kind.BOUNCE and failed == {address.lower() for address in addresses}
    assert right >= 100


def test_delayed_reports_are_no_failures():
    for _, name, _, delayed in FLUFL:
        if delayed and name not in NO_BOUNCE:
            found = sorted_file(MAIL / "flufl_bounce" / "data" / name)
            assert {one.outcome for one in found.deliveries} == {Outcome.DELAYED}, name


@pytest.mark.parametrize("case", json.loads((MAIL / "cloudflare_autoreply_headers.json").read_text())["cases"])
def test_rule_29_headers_that_give_a_machine_away(case):
    head = "".join(f"{name}: {value}\n" for name, value in case["headers"].items())
    found = sort(read_letter(f"{head}\nHello\n".encode()), read_token=lambda token: None)
    assert found.kind is (Kind.AUTO if case["auto"] else Kind.HUMAN)


@pytest.mark.parametrize(
    "path", sorted((MAIL / "replies").glob("*/*.txt")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_peoples_replies_are_peoples(path):
    raw = b"From: a@b.example\nSubject: Re: hello\n\n" + path.read_bytes()
    assert sort(read_letter(raw), read_token=lambda token: None).kind is Kind.HUMAN


def test_rule_10_hardly_a_wish_is_taken_for_a_machines():
    """One in a hundred of these is what a machine says for people who left or want no adverts."""
    wishes = [text.body for text in texts() if text.label == "stop"][::40]
    assert len(wishes) > 1_000
    taken = [words for words in wishes if as_letter(words).kind is not Kind.HUMAN]
    assert len(taken) <= len(wishes) / 100, taken


def as_letter(words: str) -> Sorted:
    raw = f"From: a@b.example\nSubject: Re: your kettle\nContent-Type: text/plain; charset=utf-8\n\n{words}\n"
    return sort(read_letter(raw.encode()), read_token=lambda token: None)
