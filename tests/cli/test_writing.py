"""What do the commands for people who write messages say? preview, variables, send-test, publish, history, revert."""

import os
import re
from pathlib import Path

import pytest

from tests.cli.screens import Type
from tests.cli.test_every_command import decent
from tests.flows.stage import Stage
from tests.flows.test_templates import spoil

NAME = "delivery_check/email.en"
FILE = f"templates/{NAME}.j2"


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lee is at the keyboard; git has no configuration of the machine."""
    monkeypatch.setenv("OUTREACH_ACTOR", "Lee")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)


def test_a_text_as_one_customer_gets_it(empty: Type, project: Path):
    said = empty("preview", "delivery_check", "--channel", "text", "--language", "pt-BR", "--person", "no-first-name")
    decent(said)
    lines = said.out.splitlines()
    assert lines[0] == "delivery_check · text · Portuguese (Brazil) · as no-first-name"
    assert lines[1].startswith("  Alder: ")
    assert re.fullmatch(r"1 part · \d+ of 160 characters", lines[-1])
    spoil(project, "config/outreach.yaml", "number: Alder,", 'number: Alder, cost_per_part: "0.0083 USD",')
    costs = empty("preview", "delivery_check", "--channel", "text", "--person", "no-first-name")
    assert costs.out.splitlines()[-1].endswith("· about 0.0083 USD")
    document = empty("preview", "delivery_check", "--channel", "text", "--person", "no-first-name", "--json").document
    assert document["previews"][0]["cost"] == {"amount": "0.0083", "currency": "USD", "estimate": True}


def test_previews_as_files(empty: Type, tmp_path: Path):
    said = empty("preview", "delivery_check", "--all-people", "--out", tmp_path / "looked")
    decent(said)
    assert "open index.html" in " ".join(said.out.split())
    assert len(list((tmp_path / "looked").glob("*.eml"))) == 12
    (tmp_path / "file").write_text("")
    refused = empty("preview", "delivery_check", "--out", tmp_path / "file")
    assert (refused.code, "OUT-600" in refused.err) == (2, True)


def test_variables_with_types_examples_and_why_not(empty: Type):
    one = empty("variables", "upgrade_offer")
    decent(one)
    assert re.search(r"^  offer\.price +money\n      what they would pay; like €89\.00; write \| money$", one.out, re.M)
    assert re.search(r"^  offer\.saving +money \?\n.*may be missing", one.out, re.M)
    found = empty("variables", "--search", "keep_if", "--json").document
    names = {name: [v["name"] for v in each] for name, each in found["campaigns"].items() if each}
    assert names == {"upgrade_offer": ["offer.keep_if"]}
    spent = empty("variables", "--search", "total_spent")
    decent(spent)
    assert "on purpose: every customer is treated the same" in " ".join(spent.out.split())
    assert empty("variables", "nothing").code == 2


def test_every_name_is_explained(empty: Type):
    found = empty("variables", "--json").document["campaigns"]
    bare = [(c, v["name"]) for c, each in found.items() for v in each if not v["note"]]
    assert [pair for pair in bare if not pair[1].startswith("answer.")] == []


def test_publish_history_revert(empty: Type, project: Path):
    nothing = empty("history", NAME)
    assert (nothing.code, "no version yet" in nothing.out) == (0, True)
    spoil(project, FILE, "status: ready", "status: draft")
    looked = empty("publish", NAME, "--dry-run")
    decent(looked)
    assert looked.out.startswith(f"DRY RUN · nothing is written. {NAME} could be published as v1.")
    assert "status: draft" in (project / FILE).read_text(encoding="utf-8")
    made = empty("publish", FILE, "--note", "first words")
    decent(made)
    assert made.out.startswith(f"{NAME}: v1 is published. The next night says it.\n")
    assert "tried on nobody" in " ".join(made.out.split())
    spoil(project, FILE, "Or just reply.", "{% if order.carrier %}{{ order.carrier }}{% endif %}")
    second = empty("publish", NAME, "--note", "name the carrier")
    assert "+ order.carrier: may be missing" in second.out
    assert "Nothing to do" in empty("publish", NAME, "--note", "again").out
    shown = empty("history", NAME)
    decent(shown)
    assert re.search(r"  v2  [0-9a-f]{8}  .* Lee\n      \"name the carrier\" · sent to 0 people", shown.out)
    assert f"outreach revert {NAME} v1" in shown.out
    back = empty("revert", NAME, "v1")
    decent(back)
    assert "- order.carrier: no longer used" in back.out
    document = empty("history", NAME, "--json").document
    assert [v["note"] for v in document["versions"]] == ["first words", "name the carrier", "back to v1"]
    assert empty("revert", NAME, "v9").code == 2


def test_what_is_refused_says_where(empty: Type, project: Path):
    spoil(project, FILE, "{{ order.number }}", "{{ order.numbre }}")
    said = empty("publish", NAME, "--note", "x")
    decent(said)
    assert said.code == 2
    assert f"error[OUT-180]: {NAME} has an error" in said.err
    assert f"{FILE}:2:20" in said.err
    assert empty("publish", "delivery_chek/email.en", "--note", "x").code == 2
    spoil(project, FILE, "{{ order.numbre }}", "{{ order.number }}")
    spoil(project, "config/outreach.yaml", "review: false", "review: true")
    waits = empty("publish", NAME, "--note", "x")
    decent(waits)
    assert (waits.code, "held[OUT-182]" in waits.err) == (3, True)


def test_a_test_for_a_teammate(here: Type, sqlite_stage: Stage):
    refused = here("send-test", "upgrade_offer", "--to", "lee@alder.example")
    decent(refused)
    assert (refused.code, "error[OUT-190]" in refused.err) == (2, True)
    assert "lee@" not in refused.err
    spoil(sqlite_stage.project, "config/outreach.yaml", "{email: []", "{email: [lee@alder.example]")
    said = here("send-test", "upgrade_offer", "--to", "lee@alder.example")
    decent(said)
    assert said.code == 0
    assert said.out.startswith("OUTBOX: nothing leaves this machine. The test is in")
    assert "Subject starts with [TEST]. Its links are examples and change nothing." in said.out
    document = here("send-test", "upgrade_offer", "--to", "lee@alder.example", "--json").document
    assert (document["to"], document["left_today"], document["mode"]) == ("l…@alder.example", 48, "outbox")
