"""Does publishing change one line of one file, once, checked, and remembered? And what does it refuse?"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.errors import Busy, Held, Misuse
from outreach.flows import again, keeping
from outreach.flows.history import history, one_version
from outreach.flows.publish import Published, Wanted, publish
from outreach.flows.revert import revert
from outreach.flows.template_files import located
from outreach.store.schema import audits, outbox, template_revisions
from tests.flows.stage import NIGHT, Stage
from tests.flows.test_templates import fail_for, outcome, spoil

NAME = "delivery_check/email.en"
FILE = f"templates/{NAME}.j2"
WHY = Wanted("asked more plainly")


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lee is at the keyboard; git has no configuration of the machine."""
    monkeypatch.setenv("OUTREACH_ACTOR", "Lee")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)


def path(stage: Stage) -> Path:
    return stage.project / FILE


def change(stage: Stage, old: str, new: str) -> None:
    """Change words and nothing about line ends."""
    data = path(stage).read_bytes()
    assert old.encode() in data
    path(stage).write_bytes(data.replace(old.encode(), new.encode(), 1))


def put(stage: Stage, wanted: Wanted = WHY) -> Published:
    return publish(stage.rebuilt(), NAME, wanted)


def tables(stage: Stage) -> tuple[int, int]:
    counts = stage.counts()
    return counts["audit"], counts["template_revision"]


def untouched(stage: Stage, code: str, wanted: Wanted = WHY) -> Misuse | Held:
    """Publishing is refused with this code, and neither file nor database knows of it."""
    app, data = stage.rebuilt(), path(stage).read_bytes()
    before = tables(stage)
    with pytest.raises((Misuse, Held)) as refused:
        publish(app, NAME, wanted)
    assert refused.value.code == code
    assert path(stage).read_bytes() == data
    assert tables(stage) == before
    assert not list((stage.project / "templates").rglob(".*"))
    return refused.value


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"status: ready\r\n", b"status: ready\r\n"),
        (b"status: draft\r\n", b"status: ready\r\n"),
        (b"status:   'off'   # not yet\r\n", b"status:   ready   # not yet\r\n"),
        (b"", b""),
    ],
)
def test_one_line_changes_and_not_one_byte_else(sqlite_stage: Stage, before: bytes, after: bytes):
    data = b"\xef\xbb\xbf" + path(sqlite_stage).read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n  "
    path(sqlite_stage).write_bytes(data.replace(b"status: ready\r\n", before))
    put(sqlite_stage)
    ready = data.replace(b"status: ready\r\n", after)
    if not before:
        front, rest = ready.split(b"\r\n---\r\n", 1)
        ready = front + b"\r\nstatus: ready\r\n---\r\n" + rest
    assert path(sqlite_stage).read_bytes() == ready


def test_published_used_and_told_to_how_many(stage: Stage):
    change(stage, "status: ready", "status: draft")
    change(stage, "Did it come on time", "Was it on time")
    made = put(stage)
    assert (made.version, made.fresh, made.commit) == (1, True, None)
    assert "status: ready" in path(stage).read_text(encoding="utf-8")
    stage.rebuilt()
    stage.night()
    stage.change(sa.update(outbox).values(state="accepted").where(outbox.c.id % 3 > 0))
    mails = stage.messages(campaign="delivery_check", channel="email", language="en")
    assert {m.template_revision for m in mails} == {made.template.revision}
    _, (version,) = history(stage.app, NAME)
    assert (version.actor, version.note, version.revision) == ("Lee", WHY.note, made.template.revision)
    assert version.sent == len({m.customer_id for m in mails if m.state == "accepted"}) > 10
    assert not put(stage).fresh, "the same words again are the same version"
    assert len(history(stage.app, NAME)[1]) == 1
    kept = list((stage.project / ".outreach" / "history" / NAME).iterdir())
    assert path(stage).read_bytes() in {p.read_bytes() for p in kept}


def test_what_a_night_found_ready_is_a_version_too(sqlite_stage: Stage):
    sqlite_stage.night()
    assert put(sqlite_stage, Wanted("as it stands")).version == 2
    told = [(1, None, ""), (2, "Lee", "as it stands")]
    assert numbered(sqlite_stage) == told, "what was found stays what it was"
    change(sqlite_stage, "Or just reply.", "Or reply.")
    sqlite_stage.rebuilt()
    sqlite_stage.night(NIGHT.replace(day=15))
    assert numbered(sqlite_stage) == [*told, (3, None, "")]


def numbered(stage: Stage) -> list[tuple[int, str | None, str]]:
    _, known = history(stage.app, f"templates/{NAME}.j2")
    return [(v.number, v.actor, v.note) for v in known]


@pytest.mark.parametrize("clock", ["2001-01-01 00:00:00", "2040-01-01 00:00:00"])
def test_numbers_never_move(sqlite_stage: Stage, clock: str):
    """Whatever clock a night was played by, `v1` means the same words for good."""
    first = path(sqlite_stage).read_bytes()
    sqlite_stage.night()
    sqlite_stage.change(sa.update(template_revisions).values(first_used_at=sa.text(f"'{clock}'")))
    change(sqlite_stage, "Or just reply.", "Second.")
    assert put(sqlite_stage, Wanted("second")).version == 2
    back = revert(sqlite_stage.rebuilt(), NAME, "v1", Wanted(""))
    assert (back.version, path(sqlite_stage).read_bytes()) == (3, first)
    again_back = revert(sqlite_stage.rebuilt(), NAME, "v1", Wanted(""))
    assert (again_back.version, again_back.fresh, path(sqlite_stage).read_bytes()) == (3, False, first)
    told = [(1, None, ""), (2, "Lee", "second"), (3, "Lee", "back to v1")]
    assert numbered(sqlite_stage) == told
    change(sqlite_stage, "Or just reply.", "Found later.")
    sqlite_stage.rebuilt()
    sqlite_stage.night(NIGHT.replace(day=15))
    sqlite_stage.change(sa.update(template_revisions).values(first_used_at=sa.text(f"'{clock}'")))
    assert numbered(sqlite_stage) == [*told, (4, None, "")]


def test_the_frame_is_said_to_have_changed_only_when_it_did(sqlite_stage: Stage):
    put(sqlite_stage, Wanted("first"))
    put(sqlite_stage, Wanted("read too", reviewed_by="Mara"))
    spoil(sqlite_stage.project, "config/outreach.yaml", "name: ", "name: New ")
    put(sqlite_stage, Wanted("a new name"))
    _, known = history(sqlite_stage.app, NAME)
    assert [(v.same_words, v.same_all) for v in known] == [(False, False), (True, True), (True, False)]


def test_one_at_a_time(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """While one is publishing, at the very moment it keeps the words, another is turned away."""
    app, real = stage.rebuilt(), keeping.keep
    refused: list[Busy] = []

    def meanwhile(*given: Any) -> str | None:
        for other in (lambda: publish(app, NAME, Wanted("mine")), lambda: revert(app, NAME, "v1", Wanted(""))):
            with pytest.raises(Busy) as turned_away:
                other()
            refused.append(turned_away.value)
        return real(*given)

    monkeypatch.setattr("outreach.flows.publish.keeping.keep", meanwhile)
    assert publish(app, NAME, WHY).version == 1
    assert [(busy.code, busy.exit_code) for busy in refused] == [("OUT-189", 75)] * 2
    assert publish(app, NAME, Wanted("look", dry=True)).dry, "freed; and looking never waits"


def test_errors_are_refused_all_at_once(stage: Stage):
    change(stage, "{{ order.number }}", "{{ order.numbre }}")
    change(stage, "Or just reply.", "{{ customer.total_spent }}")
    refused = untouched(stage, "OUT-180")
    assert [f.code for f in refused.findings] == ["OUT-112", "OUT-130"]


def test_a_note_is_one_line(sqlite_stage: Stage):
    for note in ("", "  ", "two\nlines", "x" * 201, "\x1b[2J"):
        untouched(sqlite_stage, "OUT-188", Wanted(note))


def test_tonights_people_are_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """With so many failures that a night would stop the campaign, nothing is published; with fewer it says whom."""
    play_at(stage, monkeypatch)
    from_the_scan = put(stage, Wanted("look", dry=True)).audience
    assert from_the_scan.readers > 30
    assert (from_the_scan.failed, from_the_scan.night) == (0, NIGHT)
    fail_for(stage, 4)
    few = put(stage, Wanted("a few fail"))
    assert few.fresh
    assert 1 <= few.audience.failed <= 4, "some of the four may read another language"
    assert f"{few.audience.failed} customers wait" in " ".join(few.audience.findings[0].facts)
    fail_for(stage, 12)
    change(stage, "Or just reply.", "Or reply.")
    assert "could not be written to" in untouched(stage, "OUT-187").message


def play_at(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tonight is the invented shop's night: its records are written for it, and the database's clock is not ours."""
    monkeypatch.setattr("outreach.flows.audience.shop_day", lambda _app, _moment: NIGHT)


def test_the_breaking_change_view(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    play_at(stage, monkeypatch)
    put(stage)
    change(
        stage,
        "Or just reply.",
        "{% if order.late_reason %}{{ order.late_reason }}{% endif %} {{ order.delivered_on | day }}",
    )
    change(stage, "on {{ order.placed_on | date }}", "")
    made = put(stage, Wanted("say when it came"))
    seen = {c.name: (c.added, c.may_miss, c.lacking) for c in made.changes}
    assert seen["order.delivered_on"] == (True, False, 0)
    assert seen["order.placed_on"] == (False, False, 0)
    assert seen["order.late_reason"][:2] == (True, True)
    assert seen["order.late_reason"][2] == made.audience.readers > 0


def test_a_file_that_changed_meanwhile_is_left_alone(sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch):
    app = sqlite_stage.rebuilt()
    started_from = located(app, NAME).seen
    change(sqlite_stage, "Or just reply.", "Or reply.")
    untouched(sqlite_stage, "OUT-181", Wanted("mine", seen=started_from))

    real = keeping.keep

    def meanwhile(*given: Any) -> str | None:
        change(sqlite_stage, "Or reply.", "Theirs.")
        return real(*given)

    monkeypatch.setattr("outreach.flows.publish.keeping.keep", meanwhile)
    change(sqlite_stage, "status: ready", "status: draft")
    before = tables(sqlite_stage)
    with pytest.raises(Misuse) as refused:
        publish(app, NAME, Wanted("mine"))
    assert refused.value.code == "OUT-181"
    assert "Theirs." in path(sqlite_stage).read_text(encoding="utf-8")
    assert "status: draft" in path(sqlite_stage).read_text(encoding="utf-8")
    assert tables(sqlite_stage) == before


def test_going_back_makes_a_new_version_with_the_old_words(stage: Stage):
    first = path(stage).read_bytes().replace(b"\n", b"\r\n")
    path(stage).write_bytes(first)
    put(stage, Wanted("first"))
    change(stage, "Or just reply.", "Second.")
    put(stage, Wanted("second"))
    change(stage, "Second.", "Unpublished words.")
    made = revert(stage.rebuilt(), NAME, "v1", Wanted(""))
    assert path(stage).read_bytes() == first
    assert (made.version, made.template.file) == (3, FILE)
    _, versions = history(stage.app, NAME)
    assert [v.note for v in versions] == ["first", "second", "back to v1"]
    assert versions[0].revision == versions[2].revision == versions[2].back_to
    assert [v.sent for v in versions] == [None, 0, 0], "told once, at the newest version of the same words"
    kept = {p.read_bytes() for p in (stage.project / ".outreach" / "history" / NAME).iterdir()}
    assert any(b"Unpublished words." in data for data in kept), "nobody's words are lost"
    app, file = stage.app, located(stage.app, NAME)
    assert one_version(app, file, versions[1].short).number == 2
    for word in ("v9", "zzzz", "v", versions[0].revision[:2]):
        with pytest.raises(Misuse) as unknown:
            one_version(app, file, word)
        assert unknown.value.code == "OUT-185"


def test_going_back_to_words_that_no_longer_hold_is_refused(sqlite_stage: Stage):
    put(sqlite_stage, Wanted("first"))
    change(sqlite_stage, "Or just reply.", "Second.")
    put(sqlite_stage, Wanted("second"))
    spoil(sqlite_stage.project, "config/campaigns/delivery_check.yaml", ", missing]", "]")
    change(sqlite_stage, "- [It is not here]({{ answer.missing }})", "")
    app, data = sqlite_stage.rebuilt(), path(sqlite_stage).read_bytes()
    with pytest.raises(Misuse) as refused:
        revert(app, NAME, "1", Wanted(""))
    assert refused.value.code == "OUT-180"
    assert path(sqlite_stage).read_bytes() == data


def git(stage: Stage, *words: str) -> str:
    said = subprocess.run(
        ["git", *words], cwd=stage.project, capture_output=True, text=True, check=True,
        env={**os.environ, "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "Ana",
             "GIT_COMMITTER_EMAIL": "a@x"},
    )  # fmt: skip
    return said.stdout.strip()


def in_git(stage: Stage) -> None:
    git(stage, "init", "-q", "-b", "main")
    (stage.project / ".gitignore").write_text(".outreach/\n.env\n")
    git(stage, "add", "-A")
    git(stage, "commit", "-q", "-m", "start")


def test_in_git_it_is_one_commit_of_one_file_and_the_index_is_nobodys_business(sqlite_stage: Stage):
    in_git(sqlite_stage)
    other = sqlite_stage.project / "templates" / "delivery_check" / "text.en.j2"
    other.write_text(other.read_text() + "\n{# staged #}\n")
    git(sqlite_stage, "add", str(other))
    other.write_text(other.read_text() + "{# not staged #}\n")
    (sqlite_stage.project / "config" / "outreach.yaml").touch()
    change(sqlite_stage, "Or just reply.", "Or reply.")
    staged = git(sqlite_stage, "diff", "--cached")
    made = put(sqlite_stage, Wanted("-m looks like an option", reviewed_by="Mara"))
    assert made.commit is not None
    assert (
        git(sqlite_stage, "log", "-1", "--format=%B%an %ae")
        == "-m looks like an option\n\nReviewed-by: Mara\nLee Lee@localhost"
    )
    assert git(sqlite_stage, "show", "--name-only", "--format=", "HEAD") == FILE
    assert git(sqlite_stage, "diff", "--cached") == staged
    assert "{# not staged #}" in git(sqlite_stage, "diff")
    assert history(sqlite_stage.app, NAME)[1][-1].commit == made.commit
    again_made = put(sqlite_stage)
    assert (again_made.fresh, git(sqlite_stage, "rev-list", "--count", "HEAD")) == (False, "2")


def test_a_new_file_is_committed_alone_too(sqlite_stage: Stage):
    in_git(sqlite_stage)
    new = sqlite_stage.project / "templates" / "delivery_check" / "email.en@shorter.j2"
    new.write_bytes(path(sqlite_stage).read_bytes().replace(b"status: ready", b"status: draft"))
    made = publish(sqlite_stage.rebuilt(), f"{NAME}@shorter", Wanted("a shorter one"))
    assert made.commit
    assert git(sqlite_stage, "show", "--name-only", "--format=", "HEAD") == FILE.replace(".j2", "@shorter.j2")
    assert git(sqlite_stage, "status", "--porcelain") == ""


def test_a_git_that_refuses_leaves_everything_as_it_was(sqlite_stage: Stage):
    in_git(sqlite_stage)
    hook = sqlite_stage.project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'the words police says no' >&2\nexit 1\n")
    hook.chmod(0o755)
    change(sqlite_stage, "Or just reply.", "Or reply.")
    refused = untouched(sqlite_stage, "OUT-186")
    assert "the words police says no" in refused.facts
    new = sqlite_stage.project / "templates" / "delivery_check" / "email.en@shorter.j2"
    new.write_bytes(path(sqlite_stage).read_bytes())
    with pytest.raises(Misuse):
        publish(sqlite_stage.rebuilt(), f"{NAME}@shorter", WHY)
    assert git(sqlite_stage, "status", "--porcelain").split("\n") == [
        f"M {FILE}",
        f"?? {FILE.replace('.j2', '@shorter.j2')}",
    ]


def test_another_repository_in_the_environment_is_not_ours(
    sqlite_stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A hook that runs us sets GIT_DIR and GIT_INDEX_FILE."""
    in_git(sqlite_stage)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    change(sqlite_stage, "Or just reply.", "Or reply.")
    assert put(sqlite_stage).commit
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "index").exists()


def test_with_review_a_second_person_reads_first(stage: Stage):
    spoil(stage.project, "config/outreach.yaml", "review: false", "review: true")
    change(stage, "Or just reply.", "Or reply.")
    assert "second person" in untouched(stage, "OUT-182").message
    assert "cannot be the second" in untouched(stage, "OUT-182", Wanted("mine", reviewed_by=" lee ")).message

    stage.rebuilt()
    planned = stage.night()
    assert {p.code for p in planned.problems} == {"OUT-183"}
    assert stage.messages() == [], "nobody has read any of the shipped words yet"
    kept = outcome(stage)["delivery_check"]["template_problem"]
    assert kept > 20

    put(stage, Wanted("mine", reviewed_by="Mara"))
    stage.rebuilt()
    again.retry(stage.app, f"n-{NIGHT}")
    assert {(m.campaign, m.channel, m.language) for m in stage.messages()} == {("delivery_check", "email", "en")}
    (line,) = stage.rows(sa.select(audits).where(audits.c.action == "publish"))
    assert (line.actor, line.detail["reviewed_by"]) == ("Lee", "Mara")

    change(stage, "Or reply.", "Edited behind everybody's back.")
    assert ("delivery_check" in {k[0] for k in stage.rebuilt().catalogue.templates}) is False


def test_a_commit_nobody_would_find_is_not_made(sqlite_stage: Stage):
    in_git(sqlite_stage)
    change(sqlite_stage, "Or just reply.", "Or reply.")
    git(sqlite_stage, "checkout", "-q", "--detach")
    assert "detached HEAD" in untouched(sqlite_stage, "OUT-186").facts[0]
    git(sqlite_stage, "checkout", "-q", "main")
    (sqlite_stage.project / ".git" / "MERGE_HEAD").write_text(git(sqlite_stage, "rev-parse", "HEAD") + "\n")
    assert untouched(sqlite_stage, "OUT-186").facts == ("a merge is under way",)
    (sqlite_stage.project / ".git" / "MERGE_HEAD").unlink()
    (sqlite_stage.project / ".git" / "rebase-merge").mkdir()
    assert untouched(sqlite_stage, "OUT-186", Wanted("look", dry=True)).facts == ("a rebase is under way",)
    assert git(sqlite_stage, "rev-list", "--count", "HEAD") == "1"


def test_the_commit_holds_what_was_checked_or_is_taken_back(sqlite_stage: Stage):
    """A hook brings other words in, as an editor does that saves between two of git's steps."""
    in_git(sqlite_stage)
    hook = sqlite_stage.project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho unchecked >> {FILE}\ngit add {FILE}\n")
    hook.chmod(0o755)
    change(sqlite_stage, "Or just reply.", "Or reply.")
    before = tables(sqlite_stage)
    with pytest.raises(Misuse) as refused:
        put(sqlite_stage)
    assert refused.value.code == "OUT-181"
    assert git(sqlite_stage, "rev-list", "--count", "HEAD") == "1"
    assert git(sqlite_stage, "diff", "--cached") == ""
    assert path(sqlite_stage).read_text(encoding="utf-8").endswith("unchecked\n"), "nobody's words are lost"
    assert tables(sqlite_stage) == before


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_line_ends_that_git_changes_are_no_other_words(sqlite_stage: Stage, ends: bytes):
    in_git(sqlite_stage)
    (sqlite_stage.project / ".gitattributes").write_text("*.j2 text eol=crlf\n")
    change(sqlite_stage, "Or just reply.", "Or reply.")
    path(sqlite_stage).write_bytes(path(sqlite_stage).read_bytes().replace(b"\n", ends))
    assert put(sqlite_stage).commit


def test_before_the_first_commit_it_is_the_first(sqlite_stage: Stage):
    git(sqlite_stage, "init", "-q", "-b", "main")
    assert put(sqlite_stage).commit
    assert git(sqlite_stage, "show", "--name-only", "--format=", "HEAD") == FILE


def test_a_link_stays_a_link(sqlite_stage: Stage):
    in_git(sqlite_stage)
    kept = sqlite_stage.project / "templates" / "_pieces" / "kept.j2"
    kept.parent.mkdir(exist_ok=True)
    path(sqlite_stage).rename(kept)
    path(sqlite_stage).symlink_to("../_pieces/kept.j2")
    git(sqlite_stage, "add", "-A")
    git(sqlite_stage, "commit", "-q", "-m", "a link")
    kept.write_bytes(kept.read_bytes().replace(b"status: ready", b"status: draft"))
    assert put(sqlite_stage).commit
    assert path(sqlite_stage).is_symlink()
    assert b"status: ready" in kept.read_bytes()
    assert git(sqlite_stage, "status", "--porcelain") == ""


def test_a_link_out_of_the_folder_is_refused(sqlite_stage: Stage, tmp_path: Path):
    outside = tmp_path / "outside.j2"
    path(sqlite_stage).rename(outside)
    path(sqlite_stage).symlink_to(outside)
    assert "leads out of templates/" in untouched(sqlite_stage, "OUT-110").message


def test_a_read_only_file_is_refused(sqlite_stage: Stage):
    path(sqlite_stage).chmod(0o444)
    assert untouched(sqlite_stage, "OUT-110").message == f"{FILE} is read-only"


def test_warnings_are_told_and_do_not_stand_in_the_way(sqlite_stage: Stage):
    change(sqlite_stage, "Did it come", "Hurry. Did it come")
    made = put(sqlite_stage)
    assert (made.fresh, {f.code for f in made.warnings}) == (True, {"OUT-141"})
