"""Whatever is typed: one JSON document, 80 columns, no colour when piped, nothing when quiet, never a trace."""

import re
from pathlib import Path

import pytest

from outreach.cli.main import GROUPS, commands, help_lines
from outreach.core.explanations import EXPLANATIONS
from tests.cli.screens import Said, Type
from tests.flows.stage import NIGHT

RUN = f"n-{NIGHT}"
#: What may be typed where a night was played -> exit code.
LOOKS: dict[str, int] = {
    "status": 0,
    "serve studio": 2,
    "serve nothing": 2,
    "report": 0,
    f"report {RUN}": 0,
    f"report {NIGHT}": 0,
    "report 2020-01-01": 2,
    "report nonsense": 2,
    "why C-0001": 0,
    "why C-0042 --all": 0,
    "why C-0042 --night 2026-11-01": 0,
    "why C-0042 --campaign delivery_check": 0,
    "why O-1003": 0,
    "why C-9999": 2,
    "tonight": 0,
    f"tonight {RUN}": 0,
    "tonight --strike m-1": 2,
    "tonight --strike nothing": 2,
    "show m-1": 0,
    "show 1": 0,
    "show m-99999": 2,
    "doctor": 0,
    "explain": 0,
    "explain out-301": 0,
    "explain 301": 0,
    "explain OUT-999": 2,
    "preview delivery_check": 0,
    "preview upgrade_offer --person two-given-names --channel email": 0,
    "preview nothing": 2,
    "new": 2,
    "new sing delivery_check": 2,
    "new language delivery_check": 2,
    "new language delivery_check en": 2,
    "new language delivery_check German": 2,
    "new language nothing de": 2,
    "new variant delivery_check shorter --language nl": 2,
    "new variant delivery_check last-one --channel fax": 2,
    "new campaign returned_order": 2,
    "new campaign delivery_check --like delivery_check": 2,
    "new --help": 0,
    "preview quiet_customer --person nobody": 2,
    "preview delivery_check --channel fax": 2,
    "preview delivery_check --customer C-9999": 2,
    "preview delivery_check/email.xx": 2,
    "lint we_were_late": 0,
    "lint nothing": 2,
    "lint --select campaign:we_were_late": 2,
    "lint --format xml": 2,
    "variables": 0,
    "variables upgrade_offer --search price": 0,
    "variables nothing": 2,
    "send-test delivery_check --to nobody@example.com": 2,
    "send-test delivery_check": 2,
    "history delivery_check/email.en": 0,
    "history nothing": 2,
    "publish delivery_check/email.en": 2,
    "publish nothing --note x": 2,
    "publish delivery_check/email.en --dry-run": 0,
    "revert delivery_check/email.en v99": 2,
    "nightly --as-of 2026-11-15": 0,
    f"nightly --night {NIGHT}": 0,
    "nightly --night 2026-31-31": 2,
    "nightly --as-of 2026-11-15 --night 2026-11-15": 2,
    "nightly --limit 0": 2,
    "nightly --as-of 2026-11-15 --select country:JP": 2,
    "nightly --as-of 2026-11-15 --select campaign:delivery_chek": 2,
    "release": 0,
    f"retry {RUN}": 0,
    "retry n-1999-01-01": 2,
    f"approve {RUN}": 2,
    f"approve {RUN} --note x": 2,
    "approve zzz --note x": 2,
    "pause nothing": 2,
    "resume": 0,
    "hold C-0001": 2,
    "hold C-9999 --because x": 2,
    "hold C-0001 --end": 0,
    "optout list": 0,
    "optout show C-0001": 0,
    "optout check C-0001": 0,
    "optout check C-9999": 2,
    "optout add": 2,
    "optout add nobody": 2,
    "optout add C-0001 --scope sometimes": 2,
    "optout undo C-0001": 2,
    "optout import": 2,
    "optout import missing.csv": 2,
    "optout sing": 2,
    "rehearse --nights 1 --from 2026-11-14": 0,
    "rehearse --nights 0": 2,
    "import missing.csv": 2,
    "import": 2,
    "": 0,
    "--help": 0,
    "--version": 0,
    "nightly --help": 0,
    "why": 2,
    "sing": 2,
    "status --sing": 2,
}


def decent(said: Said) -> None:
    """Plain output as a pipe gets it."""
    assert "Traceback" not in said.out + said.err
    assert "\x1b" not in said.out + said.err
    for line in said.out.splitlines():
        assert len(line) <= 80, line
    for line in said.err.splitlines():  # a line of the log is one line, and a path is not broken
        assert len(line) <= 80 or line[10:11] == "T" or " " not in line.strip(), line


@pytest.mark.parametrize("words", list(LOOKS))
def test_as_json_there_is_one_document(played: Type, words: str):
    said = played(*words.split(), "--json")
    assert said.code == LOOKS[words]
    document = said.document
    assert document["exit_code"] == said.code
    assert document["schema"].startswith("outreach.")
    assert document["outcome"] == ("done" if said.code == 0 else "error")
    assert said.err == ""
    assert bool(document["problems"]) == bool(said.code)
    for problem in document["problems"]:
        assert problem["code"] in EXPLANATIONS
        assert problem["message"]
        assert problem["docs"] == f"outreach explain {problem['code']}"


@pytest.mark.parametrize("words", list(LOOKS))
def test_in_words_it_fits_and_is_plain(played: Type, words: str):
    said = played(*words.split())
    assert said.code == LOOKS[words]
    decent(said)
    if said.code:
        assert said.err.splitlines()[-1].strip()
        assert any(line.startswith("error[OUT-") for line in said.err.splitlines())
    elif not words.startswith("explain") and "-" not in words[:1] and words and "--help" not in words:
        assert said.out.strip()


@pytest.mark.parametrize("words", [w for w in LOOKS if w][::3])
def test_quiet_says_nothing_unless_something_needs_you(played: Type, words: str):
    said = played("-q", *words.split())
    assert said.code == LOOKS[words]
    assert bool(said.out + said.err) == bool(said.code)


EMPTY: dict[str, tuple[int, str]] = {
    "status": (0, "No night has run yet."),
    "report": (0, "nothing to report"),
    "tonight": (0, "No night has run yet."),
    "why C-1": (2, "no customer here is meant"),
    "rehearse --nights 2": (0, "Nobody would have heard from you."),
    "release": (0, "Nothing was due."),
    "optout list": (0, "Nobody has asked"),
    "doctor": (0, "no customers yet"),
    "nightly --dry-run": (0, "switched off"),
    "nightly": (0, "outreach import --guess FILE..."),
    "show m-1": (2, "no message"),
    "retry n-2026-11-14": (2, "no run"),
    "preview upgrade_offer": (0, "upgrade_offer"),
    "import": (2, "name the files"),
}


@pytest.mark.parametrize("words", list(EMPTY))
def test_a_new_project_answers_everything(empty: Type, words: str):
    said = empty(*words.split())
    decent(said)
    assert (said.code, EMPTY[words][1] in said.out + said.err) == (EMPTY[words][0], True), said
    assert empty(*words.split(), "--json").document["exit_code"] == said.code


@pytest.mark.parametrize("words", ["status", "lint", "nightly", "optout add x", "doctor", "why C-1", "import a.csv"])
def test_outside_a_project_it_says_how_to_make_one(o: Type, tmp_path: Path, words: str):
    said = o(*words.split(), where=tmp_path)
    decent(said)
    assert said.code == 2
    assert "this folder is no project" in said.err
    assert "outreach init" in said.err
    assert o(*words.split(), "--json", where=tmp_path).document["problems"][0]["code"] == "OUT-601"
    assert list(tmp_path.iterdir()) == []


def test_options_of_every_command_may_stand_anywhere(o: Type, played_project: Path):
    for words in (
        ["--json", "-C", played_project, "status"],
        ["status", "--json", "-C", played_project],
        ["-C", played_project, "status", "--json", "-v", "--no-color"],
        ["status", f"--project={played_project}", "--json", "-q"],
    ):
        assert o(*words, where=None).document["schema"] == "outreach.status/1"


@pytest.mark.parametrize("name", sorted(commands()))
def test_each_command_has_help_that_fits(o: Type, name: str):
    said = o(name, "--help")
    decent(said)
    assert said.code == 0
    assert said.out.startswith(f"Usage: outreach {name}")
    assert not re.search(r"<(str|int|float|path|choice|list)\b", said.out.partition("Options:")[2]), "types of Python"
    assert o(name, "-h").out == said.out
    assert o(name, "--help", "--json").document["help"] + "\n" == said.out


def test_the_front_page_lists_exactly_what_there_is(o: Type):
    said = o("--help")
    decent(said)
    assert said.out.splitlines() == [line.rstrip() for line in help_lines()]
    listed = [line.split()[0] for line in said.out.splitlines() if line.startswith("  ") and line[2:3].islower()]
    assert [w for w in listed if w in commands()] == [n for group in GROUPS.values() for n in group]
    assert said.out.count("Start here") == 1
    assert o().out == said.out


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_every_code_is_explained(o: Type, code: str):
    said = o("explain", code)
    decent(said)
    assert said.out.startswith(f"{code}: ")
    assert "\nMend: " in said.out


def test_a_slip_of_the_finger_is_answered(o: Type):
    assert "did you mean nightly?" in o("nigthly").err
    assert "did you mean" in o("statsu").err
    assert "No such option: --dryrun" in o("nightly", "--dryrun").err


def test_colour_is_for_terminals_that_want_it(played: Type, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb"), ("FORCE_COLOR", "1"), ("CLICOLOR_FORCE", "1")):
        monkeypatch.setenv(name, value)
        assert "\x1b" not in played("doctor").out
