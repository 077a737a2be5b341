"""What does an operator see of a night, and which number does cron get back?"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.core.terms import Mode
from outreach.store.contacts import suppression_events
from outreach.store.schema import outbox, runs
from tests.cli.screens import Type
from tests.cli.test_every_command import decent
from tests.flows.stage import NIGHT, ROOT, Stage

RUN = f"n-{NIGHT}"
NIGHTLY = ("nightly", "--night", str(NIGHT))
ENGLISH = "templates/delivery_check/email.en.j2"
OUTREACH = [sys.executable, "-c", "import sys; from outreach.cli.main import main; sys.exit(main())"]


def change(project: Path, name: str, old: str, new: str) -> None:
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_terminal_document_and_report_say_the_same(both: Type, stage: Stage):
    said = both(*NIGHTLY)
    decent(said)
    assert said.code == 0
    shown = table_of(said.out)
    again = both(*NIGHTLY, "--json").document
    assert (again["fresh"], again["exit_code"]) == (False, 0)
    reported = both("report", "--json").document
    page = both("report").out
    rows = stage.rows(sa.text("SELECT campaign, found, queued FROM run_campaign"))
    for row in rows:
        numbers = (row.found, row.found - row.queued, row.queued)
        assert shown[row.campaign] == numbers
        for document in (again, reported):
            of = document["campaigns"][row.campaign]
            assert (of["found"], of["left_alone"], of["queued"]) == numbers
            assert of["found"] == of["left_alone"] + of["queued"]
        assert re.search(rf"{row.campaign} +{numbers[0]} +{numbers[1]} +{numbers[2]}\n", page)
    total = (again["found"], again["left_alone"], again["queued"])
    assert total[0] == total[1] + total[2] == sum(r.found for r in rows)
    assert shown["All"] == total
    assert f"found {total[0]}" in page
    assert sum(again["left_alone_because"].values()) == total[1]
    assert "was already done; nothing new was queued" in both(*NIGHTLY).out


def table_of(text: str) -> dict[str, tuple[int, ...]]:
    rows = re.findall(r"^  (\w+) +([\d,]+) +([\d,]+) +([\d,]+) ", text, re.MULTILINE)
    return {name: tuple(int(n.replace(",", "")) for n in numbers) for name, *numbers in rows}


def test_the_log_of_a_night(here: Type):
    lines = here(*NIGHTLY).err.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ nightly \w+ \w+=", line) for line in lines)
    assert lines[0].endswith(f"nightly start run={RUN} mode=outbox")
    assert re.search(r"nightly done found=\d+ left_alone=\d+ queued=\d+ problems=0 exit=0$", lines[-1])


def test_a_dry_run_writes_nothing(both: Type, stage: Stage):
    before, files = stage.counts(), set(stage.project.rglob("*"))
    for words in (["--as-of", str(NIGHT)], ["--dry-run", "--night", str(NIGHT), "--sample", "1"]):
        said = both("nightly", *words)
        decent(said)
        assert "DRY RUN · nothing is written, nothing is sent" in said.out
        assert "Would queue" in said.out
    assert "Subject: " in said.out
    assert both("nightly", "--as-of", NIGHT, "--json").document["dry_run"] is True
    assert stage.counts() == before
    made = {p for p in stage.project.rglob("*") if p not in files}
    assert not [p for p in made if "outbox" in p.parts or "reports" in p.parts]
    if stage.app.engine.dialect.name == "postgresql":
        assert stage.rows(sa.text("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'scratch%'")) == []


def test_a_broken_template_is_exit_1_and_says_what_to_do(here: Type, sqlite_stage: Stage):
    change(sqlite_stage.project, ENGLISH, "{{ order.number }}", "{{ order.numbre }}")
    said = here(*NIGHTLY)
    decent(said)
    assert said.code == 1
    kept = int(re.search(r"error\[OUT-324\]: (\d+) customers are kept for tomorrow", said.err)[1])  # type: ignore[index]
    assert kept > 20
    assert f"help: mend it, then: outreach retry {RUN}" in said.err
    assert f"error[OUT-112]: `order.numbre` does not exist\n  --> {ENGLISH}:2:20\n   |\n 2 | subject:" in said.err
    quiet = here(*NIGHTLY, "--quiet")
    assert (quiet.code, quiet.out) == (1, "")
    assert "OUT-112" in quiet.err, "as long as people wait, cron hears of it"
    document = here(*NIGHTLY, "--json").document
    assert document["outcome"] == "problems"
    assert [(p["code"], p["file"], p["line"]) for p in document["problems"]] == [
        ("OUT-324", None, None),
        ("OUT-112", ENGLISH, 2),
    ]
    assert document["problems"][0]["affects"] == kept
    assert "MEND a template" in here("report").out
    change(sqlite_stage.project, ENGLISH, "{{ order.numbre }}", "{{ order.number }}")
    mended_not_tried = here(*NIGHTLY)
    assert mended_not_tried.code == 1
    assert f"outreach retry {RUN}" in mended_not_tried.err
    looked = here("retry", RUN, "--dry-run")
    assert (looked.code, "DRY RUN" in looked.out) == (0, True)
    assert here("retry", RUN).code == 0
    assert here("retry", RUN).out.startswith("Nothing in")
    assert here(*NIGHTLY).code == 0


def test_live_is_refused_until_doctor_passes(here: Type, sqlite_stage: Stage):
    change(sqlite_stage.project, "config/outreach.yaml", "mode: outbox", "mode: live")
    before = sqlite_stage.counts()
    for words in (["nightly"], ["approve", RUN, "--note", "x"], ["retry", RUN], ["release"]):
        said = here(*words)
        decent(said)
        assert said.code == 2
        assert "error[OUT-311]: live mode is refused" in said.err
        assert "help: outreach doctor" in said.err
    refused = here(*NIGHTLY)
    assert (refused.code, "error[OUT-310]" in refused.err) == (2, True)
    assert sqlite_stage.counts() == before
    doctor = here("doctor")
    assert doctor.code == 1
    assert "✗ Providers" in doctor.out
    assert here("nightly", "--as-of", NIGHT).code == 0, "looking is always possible"
    assert here("status").out.startswith("Alder · LIVE, customers get these")


def test_a_held_run_is_exit_3_everywhere(here: Type, sqlite_stage: Stage):
    """No file can choose live in this version: the run is made by the flow, then looked at through the screen."""
    sqlite_stage.live()
    sqlite_stage.night()
    sqlite_stage.close()
    sqlite_stage.change(sa.update(runs).values(mode=Mode.OUTBOX.value))
    for words in (NIGHTLY, (*NIGHTLY, "-q")):
        said = here(*words)
        decent(said)
        assert said.code == 3
        assert said.err.splitlines()[0].endswith("nightly start run=n-2026-11-14 mode=outbox") or words[-1] == "-q"
        assert "held[OUT-320]: this is the first live night" in said.err
        assert "   = nothing was queued" in said.err
        assert "outreach approve n-2026-11-14 --note" in said.err
    document = here(*NIGHTLY, "--json").document
    assert (document["outcome"], document["exit_code"], document["queued"] > 50) == ("held", 3, True)
    assert document["problems"][0]["code"] == "OUT-320"
    assert "is held and waits for a person" in here("status").out
    assert "HELD" in here("report").out
    assert here("approve", RUN).code == 2
    rejected = here("approve", RUN, "--reject", "--note", "not this one")
    assert (rejected.code, rejected.out) == (0, f"{RUN} is rejected. Nothing was sent.\n")
    assert "was rejected by a person" in here(*NIGHTLY).out


BAD: dict[str, tuple[str, str | None, str, str]] = {
    "no value in .env": (".env", "nonsense\n", "OUT-603", ".env:1:1"),
    ".env not text": (".env", "\udcff", "OUT-603", ".env"),
    "no keys": (".env", "", "OUT-604", "OUTREACH_PEPPER is not set"),
    "short key": (".env", "OUTREACH_PEPPER=short\n", "OUT-604", "too short"),
    "no such database": (".env", "+OUTREACH_DATABASE_URL=mysql://x/y\n", "OUT-605", "mysql"),
    "no config": ("config/outreach.yaml", None, "OUT-601", "this folder is no project"),
    "broken YAML": ("config/outreach.yaml", "shop:\n  name: [a\n", "OUT-601", "config/outreach.yaml:3:1"),
    "config not text": ("config/outreach.yaml", "shop: \udcff\n", "OUT-601", "UTF-8"),
    "control characters": ("config/outreach.yaml", "shop:\n  name: a\x00b\n", "OUT-601", "config/outreach.yaml:2:10"),
    "campaign not text": ("config/campaigns/upgrade_offer.yaml", "\udcff\x00", "OUT-602", "upgrade_offer.yaml:1:"),
    "campaign broken": ("config/campaigns/upgrade_offer.yaml", "kind: {", "OUT-602", "upgrade_offer.yaml:1:8"),
    "database not a database": (".outreach/outreach.db", "x" * 4096, "OUT-605", "file is not a database"),
    "no layout": ("templates/_layouts/email.html.j2", None, "OUT-139", "templates/_layouts/email.html.j2"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_is_wrong_has_a_place_and_a_mend_and_no_trace(empty: Type, project: Path, what: str):
    name, content, code, shown = BAD[what]
    path = project / name
    path.parent.mkdir(exist_ok=True)
    if content is None:
        path.unlink()
    elif content.startswith("+"):
        path.write_text(path.read_text(encoding="utf-8") + content[1:], encoding="utf-8")
    else:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    said = empty("nightly")
    decent(said)
    assert said.code == 2, said.err
    assert f"error[{code}]: " in said.err
    assert shown in " ".join(said.err.split())
    assert empty("nightly", "--json").document["problems"][0]["code"] == code
    assert not (project / ".outreach" / "faults").exists()


def test_a_database_that_does_not_answer_is_exit_75(empty: Type, project: Path):
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.write("OUTREACH_DATABASE_URL=postgresql://nobody@127.0.0.1:1/nothing\n")
    said = empty("nightly")
    decent(said)
    assert said.code == 75
    assert "error[OUT-302]: the database does not answer" in said.err
    assert empty("status", "--json").document["exit_code"] == 75


def test_a_fault_is_exit_70_with_a_saved_trace(here: Type, sqlite_stage: Stage):
    scan = "jobs/scans/delivered_orders.py"
    change(sqlite_stage.project, scan, "    o = orders.c\n", '    raise RuntimeError("the roof fell in")\n')
    said = here(*NIGHTLY)
    decent(said)
    assert said.code == 70
    assert "error[OUT-700]: a fault in outreach itself (RuntimeError)" in said.err
    (trace,) = (sqlite_stage.project / ".outreach" / "faults").iterdir()
    assert trace.name in " ".join(said.err.split())
    assert "the roof fell in" in trace.read_text(encoding="utf-8")
    document = here(*NIGHTLY, "--json").document
    assert (document["exit_code"], document["problems"][0]["code"]) == (70, "OUT-700")
    assert "the roof fell in" in here(*NIGHTLY, "-v").err
    change(sqlite_stage.project, scan, '    raise RuntimeError("the roof fell in")\n', "    o = orders.c\n")
    assert here(*NIGHTLY).code == 0, "the night is finished by running it again"


def test_records_that_come_after_an_empty_night_are_not_lost(empty: Type, shop_files: object):
    assert empty(*NIGHTLY).code == 0
    assert empty("import", "--guess", "--yes", *shop_files.paths).code in (0, 1)  # type: ignore[attr-defined]
    said = empty(*NIGHTLY)
    assert table_of(said.out)["All"][2] > 100


def asleep(project: Path) -> None:
    """A scan that takes its time, so that two nights meet."""
    path = project / "jobs" / "scans" / "late_delivered.py"
    text = path.read_text(encoding="utf-8").replace("    o = orders.c\n", "    time.sleep(4)\n    o = orders.c\n")
    path.write_text(text.replace("from datetime import", "import time\nfrom datetime import"), encoding="utf-8")


def started(project: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*OUTREACH, "-C", str(project), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def until_it_works(project: Path, first: "subprocess.Popen[str]") -> None:
    lock = project / ".outreach" / "nightly.lock"
    for _ in range(400):
        if first.poll() is not None or (lock.is_file() and "pid" in lock.read_text(encoding="utf-8")):
            return
        time.sleep(0.05)


def test_of_two_nights_one_works_and_the_other_comes_back_later(both: Type, stage: Stage, tmp_path: Path):
    asleep(stage.project)
    stage.close()
    first = started(stage.project, *NIGHTLY)
    until_it_works(stage.project, first)
    said = both(*NIGHTLY)
    assert said.code == 75
    assert re.search(rf"error\[OUT-301\]: another nightly is running \(since [\d:]+ UTC, pid {first.pid},", said.err)
    assert "Exit 75: safe to try again" in said.err
    assert both(*NIGHTLY, "--json").document["exit_code"] == 75
    assert f"A nightly is running: since" in both("status").out  # noqa: F541
    if stage.url.startswith("postgresql"):  # another machine: another folder, the same database
        other = tmp_path / "other"
        other.mkdir()
        for name in ("config", "templates", "jobs", ".env"):
            (other / name).symlink_to(stage.project / name)
        elsewhere = both(*NIGHTLY, where=other)
        assert (elsewhere.code, "on another machine" in elsewhere.err) == (75, True)
    out, err = first.communicate(timeout=50)
    assert first.returncode == 0, err
    assert table_of(out)["All"][2] == len(stage.messages(state="ready")) + joined(stage)


def joined(stage: Stage) -> int:
    return sum(len(m.subjects) - 1 for m in stage.messages())


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_by_hand_it_says_so_and_the_next_run_goes_on(here: Type, sqlite_stage: Stage, sign: int, code: int):
    asleep(sqlite_stage.project)
    first = started(sqlite_stage.project, *NIGHTLY, "--json")
    until_it_works(sqlite_stage.project, first)
    time.sleep(0.3)
    first.send_signal(sign)
    out, err = first.communicate(timeout=30)
    assert first.returncode == code, err
    assert '"outcome": "stopped"' in out
    assert "Traceback" not in err
    path = sqlite_stage.project / "jobs" / "scans" / "late_delivered.py"
    path.write_text(path.read_text(encoding="utf-8").replace("time.sleep(4)", "time.sleep(0)"), encoding="utf-8")
    assert here(*NIGHTLY).code == 0
    assert len(sqlite_stage.messages()) > 100


def test_an_older_nights_messages_leave_before_the_next_decides(here: Type, sqlite_stage: Stage):
    here(*NIGHTLY)
    here("nightly", "--night", "2026-11-15")
    states = {m.night.isoformat(): m.state for m in sqlite_stage.messages()}
    assert states == {"2026-11-14": "accepted", "2026-11-15": "ready"}
    assert sqlite_stage.rows(sa.select(sa.func.count()).select_from(outbox))[0][0] > 100


def test_the_way_of_a_wish_through_the_screen(here: Type, sqlite_stage: Stage):
    """Rule 36: staff say what the customer said, and the next report shows it."""
    here(*NIGHTLY)
    m = sqlite_stage.messages()[0]
    said = here("optout", "add", m.key, "--reason", "asked on the phone")
    decent(said)
    assert re.match(rf"{m.key}: no more messages of any kind, from now \(\w+ \d\d \w+ \d\d:\d\d UTC\)\.\n", said.out)
    assert "1 message that waited to leave: withdrawn." in said.out
    why = here("why", m.key)
    assert re.search(
        r"Never write\. Since \d+ \w+ \d{4} \(asked, by staff: \"asked on the phone\"\)", " ".join(why.out.split())
    )
    assert "We have not written since." in why.out
    assert "optout add" not in why.out, "nothing else is offered"
    assert here("optout", "check", m.key).out == "off\n"
    refused = here("optout", "undo", m.key)
    assert refused.code == 2
    assert re.match(rf"error\[OUT-505\]: {m.key} asked for no messages at all \(\d+ \w+ \d{{4}}\)\n", refused.err)
    assert f"outreach optout undo {m.key} --customer-asked" in " ".join(refused.err.split())
    lifted = here("optout", "undo", m.key, "--customer-asked", "wrote on 15 Nov: do write again")
    assert (lifted.code, "by the customer's word" in lifted.out) == (0, True)
    assert here("optout", "check", m.key).out == "not off\n"
    here("nightly", "--night", "2026-11-15")
    shown = " ".join(here("report", RUN).out.split())
    assert 'because the customer asked: "wrote on 15 Nov: do write again"' in shown
    assert [e.action for e in sqlite_stage.rows(sa.select(suppression_events))][-1] == "undo"
    nothing = here("optout", "undo", m.key)
    assert (nothing.code, "no wish stands" in nothing.err) == (2, True)


def test_pages_lists_and_levers_through_the_screen(here: Type, sqlite_stage: Stage):
    here(*NIGHTLY)
    said = here("tonight")
    decent(said)
    page = (sqlite_stage.project / "reports" / f"tonight-{NIGHT}.html").read_text(encoding="utf-8")
    assert page.count("<details") == len(sqlite_stage.messages())
    assert "<script>" in page
    assert "http://" not in page.replace("http://127.0.0.1", "")
    one = sqlite_stage.messages()[0]
    assert here("tonight", "--strike", f"m-{one.id}").out.startswith(f"1 struck out: m-{one.id}.")
    shown = here("show", f"m-{one.id}", "--headers")
    assert "· cancelled" in shown.out.splitlines()[0]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in shown.out
    paused = here("pause", "delivery_check", "--because", "wrong link")
    assert re.match(r"delivery_check is paused\. \d+ waiting messages stay where they are\.", paused.out)
    here("pause")
    nothing = here("release")
    assert "Nothing was due." in nothing.out
    assert "Paused: everything. outreach resume lifts it." in nothing.out
    assert "Paused: everything" in here("status").out
    here("resume")
    here("resume", "delivery_check")
    released = here("release", "--json").document
    assert set(released["states"]) == {"accepted"}
    held = here("hold", one.key, "--because", "a dispute", "--until", "2027-01-01")
    assert held.out.startswith(f"{one.key} is left alone until 2027-01-01: a dispute")
    assert here("hold", one.key, "--end").out.startswith(f"{one.key} may be written to again.")


def test_a_name_cannot_steer_the_terminal(here: Type, sqlite_stage: Stage):
    sqlite_stage.change(sa.text("UPDATE customer SET first_name = 'A' || char(27) || '[2J' WHERE key = 'C-0001'"))
    said = here("why", "C-0001")
    assert "\x1b" not in said.out
    assert "A�[2J" in said.out


def test_a_person_answers_for_a_restored_database(here: Type, sqlite_stage: Stage):
    """Nothing was sent from here before, so nothing is in doubt; the database gets a new id and doctor goes on."""
    first = here("doctor", "--confirm-restore", "--json").document
    again = here("doctor", "--confirm-restore", "--json").document
    assert (first["schema"], first["exit_code"], first["unknown"]) == ("outreach.restore/1", 0, 0)
    assert first["instance"] != again["instance"]
    said = here("doctor", "--confirm-restore")
    decent(said)
    assert "This database is the one to send from" in said.out
    assert here("doctor").code == 0
