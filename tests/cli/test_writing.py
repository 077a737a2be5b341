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


def test_a_caret_far_to_the_right_stands_under_its_word(empty: Type, project: Path):
    spoil(project, FILE, "Did it come", f"{'word ' * 40}{{{{ order.numbre }}}} Did it come")
    said = empty("preview", NAME)
    decent(said)
    at = next(i for i, line in enumerate(said.err.splitlines()) if "^" in line)
    shown, caret = said.err.splitlines()[at - 1 : at + 1]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "order.numbre"
    assert len(shown) <= 80


def test_no_line_of_a_history_is_too_long(empty: Type, project: Path):
    decent(empty("history", "delivery_check/email.pt-BR"))
    long = project / "templates" / "delivery_check" / "email.en@one-with-quite-a-long-name.j2"
    long.write_bytes((project / FILE).read_bytes())
    decent(empty("history", f"{NAME}@one-with-quite-a-long-name"))


def test_a_version_of_the_same_words_says_what_changed(empty: Type):
    empty("publish", NAME, "--note", "first")
    empty("publish", NAME, "--note", "read too", "--reviewed-by", "Mara")
    shown = " ".join(empty("history", NAME).out.split())
    assert '"read too" · the same words · read by Mara' in shown


def test_publishing_tells_warnings(empty: Type, project: Path):
    spoil(project, FILE, "Did it come", "Hurry. Did it come")
    said = empty("publish", NAME, "--note", "x")
    decent(said)
    assert (said.code, "warning[OUT-141]" in said.err) == (0, True)


def test_a_test_needs_somebody_to_get_it(empty: Type):
    for words in ((), ("--to", " ")):
        said = empty("send-test", "delivery_check", *words)
        decent(said)
        assert (said.code, "error[OUT-600]: send-test needs to know which teammate" in said.err) == (2, True)
        assert "outreach send-test delivery_check --to ADDRESS" in said.err
    nonsense = empty("send-test", "delivery_check", "--to", "lee at alder")
    decent(nonsense)
    assert "no email address and no phone number" in " ".join(nonsense.err.split())
    both = empty("preview", "delivery_check", "--customer", "C-1", "--person", "no-first-name")
    assert (both.code, "error[OUT-600]" in both.err) == (2, True)


def test_a_language_nobody_wrote_is_said(empty: Type):
    said = empty("preview", "delivery_check", "--language", "fi", "--channel", "email")
    decent(said)
    assert "there is no Finnish template, so this is English" in said.out


def test_one_broken_file_hides_no_other(empty: Type, project: Path):
    spoil(project, FILE, "{{ order.number }}", "{{ order.numbre }}")
    said = empty("preview", "delivery_check")
    decent(said)
    assert (said.code, "delivery_check · text · English" in said.out, f"{FILE}:2:20" in said.err) == (1, True, True)


@pytest.mark.parametrize(("key", "wrong"), [("text", '"020 7946 0000"'), ("email", "lee"), ("text", "+447911123456")])
def test_a_teammate_nobody_can_write_to_is_an_error_of_the_settings(empty: Type, project: Path, key: str, wrong: str):
    spoil(project, "config/outreach.yaml", f"{key}: []", f"{key}: [{wrong}]")
    said = empty("send-test", "delivery_check", "--to", "lee@alder.example")
    decent(said)
    assert (said.code, "error[OUT-601]" in said.err, "config/outreach.yaml:54:" in said.err) == (2, True, True)
    assert f"team.{key}" in said.err
