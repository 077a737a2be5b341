"""Where are a template's versions kept? In git as one commit of that one file; without git in .outreach/history/."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Misuse
from outreach.flows.template_files import TemplateFile, replace, unchanged

HISTORY = ".outreach/history"
#: git's own hooks may be slow; a question on a terminal nobody sees would wait for ever.
PATIENCE = 60.0
#: What lies in .git while something is half done, and what that is.
_HALF_DONE = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "git revert",
}
#: What tells git about another repository than the one the file is in (git rev-parse --local-env-vars).
_ELSEWHERE = re.compile(r"GIT_(?!AUTHOR_|COMMITTER_|SSH|EXEC_PATH|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|CEILING)")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who publishes what: `actor` signs where git knows no name; `message` is the commit's."""

    project: Path
    actor: str
    message: str


def can_keep(file: TemplateFile) -> None:
    """Raises Misuse (OUT-186) where a commit would be lost, or would end somebody's half-done merge or rebase."""
    if not _in_git(file):
        return
    if not _answers(file, "symbolic-ref", "-q", "HEAD"):
        facts = ("git is on no branch (detached HEAD): a commit made now would be lost",)
        raise Misuse("OUT-186", f"git cannot keep {file.shown}", facts=facts, help="git switch BRANCH")
    for name, what in _HALF_DONE.items():
        if (file.path.parent / _done(file, "rev-parse", "--git-path", name)).exists():
            facts = (f"a {what} is under way",)
            raise Misuse("OUT-186", f"git cannot keep {file.shown}", facts=facts, help="git status    (end it first)")


def keep(keeper: Keeper, file: TemplateFile, data: bytes) -> str | None:
    """Put the new words in place and keep them. Returns the commit's short name, None without git.

    Raises Misuse: OUT-181 the file changed meanwhile; OUT-186 git refused, and the file is as it was.
    """
    unchanged(file, file.seen)
    in_git = _in_git(file)
    if not in_git or _differs(file):
        _aside(keeper.project, file, file.data)
    if data != file.data:
        replace(file, data)
    if not in_git:
        _aside(keeper.project, file, data)
        return None
    try:
        return _committed(keeper, file, data)
    except Misuse:
        if data != file.data:
            replace(TemplateFile(file.path, file.key, data), file.data)
        raise


def _aside(project: Path, file: TemplateFile, data: bytes) -> None:
    """By content hash: keeping the same words twice keeps them once."""
    if not data:
        return
    path = project / HISTORY / file.name / f"{hashlib.sha256(data).hexdigest()}.j2"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_bytes(data)
        beside.replace(path)


def _in_git(file: TemplateFile) -> bool:
    """In a work tree, and not ignored there."""
    inside = _git(file, "rev-parse", "--is-inside-work-tree")
    if inside is None or inside.returncode or inside.stdout.strip() != "true":
        return False
    ignored = _git(file, "check-ignore", "-q", "--", file.path.name)
    return ignored is not None and ignored.returncode == 1


def _differs(file: TemplateFile) -> bool:
    """Whether the last commit holds other words than the file: then only the disk knows them."""
    found = _git(file, "diff", "--quiet", "HEAD", "--", file.path.name)
    tracked = _git(file, "ls-files", "--error-unmatch", "--", file.path.name)
    return found is None or found.returncode != 0 or tracked is None or tracked.returncode != 0


def _committed(keeper: Keeper, file: TemplateFile, data: bytes) -> str | None:
    name, base = file.path.name, _head(file)
    new = _done(file, "ls-files", "--", name) == ""
    if new:
        _done(file, "add", "--intent-to-add", "--", name)
    try:
        if new or _done(file, "status", "--porcelain", "--", name):
            _done(file, *_as_somebody(keeper, file), "commit", "--quiet", "--only", "-m", keeper.message, "--", name)
    except Misuse:
        if new:
            _git(file, "rm", "--quiet", "--cached", "--", name)
        raise
    _holds_what_was_checked(file, data, base)
    return _done(file, "log", "-1", "--format=%h", "--", name) or None


def _holds_what_was_checked(file: TemplateFile, data: bytes, base: str) -> None:
    """A hook, or somebody who saved at the same moment, may have brought other words in: that commit is taken back."""
    name, made = file.path.name, _head(file)
    checked = _git(file, "hash-object", f"--path={name}", "--stdin", given=data)
    held = _done(file, "rev-parse", f"HEAD:./{name}")
    if checked is not None and checked.stdout.strip() == held:
        return
    if made != base:
        _done(file, *(("update-ref", "HEAD", base, made) if base else ("update-ref", "-d", "HEAD", made)))
        _git(file, "reset", "--quiet", "--", name)
    said = f"{file.shown} changed while git took it, so the commit was taken back"
    raise Misuse("OUT-181", said, help="does a git hook change the file? look at it, then publish again")


def _head(file: TemplateFile) -> str:
    """The commit the branch is at; "" before the first."""
    said = _git(file, "rev-parse", "--verify", "--quiet", "HEAD")
    return said.stdout.strip() if said is not None and said.returncode == 0 else ""


def _as_somebody(keeper: Keeper, file: TemplateFile) -> list[str]:
    """Nothing when git knows who commits; else whoever is at the keyboard."""
    if all(_answers(file, "var", name) for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")):
        return []
    login = re.sub(r"[^A-Za-z0-9._-]+", "-", keeper.actor) or "outreach"
    return ["-c", f"user.name={keeper.actor}", "-c", f"user.email={login}@localhost"]


def _answers(file: TemplateFile, *words: str) -> bool:
    said = _git(file, *words)
    return said is not None and said.returncode == 0


def _done(file: TemplateFile, *words: str) -> str:
    said = _git(file, *words)
    if said is None or said.returncode:
        why = (said.stderr or said.stdout) if said else f"no answer in {PATIENCE:.0f} seconds"
        facts = tuple(line.strip() for line in why.strip().splitlines() if line.strip())[:4]
        help_text = f"git status    then: outreach publish {file.name}"
        raise Misuse("OUT-186", f"git did not take {file.shown}", facts=facts, help=help_text)
    return said.stdout.strip()


def _git(file: TemplateFile, *words: str, given: bytes = b"") -> "subprocess.CompletedProcess[str] | None":
    """What git says in the file's own folder; None when there is no git, or it does not answer."""
    try:
        said = subprocess.run(
            ["git", *words],
            cwd=file.path.parent,
            env=_environment(os.environ),
            input=given,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = (said.stdout.decode(errors="replace"), said.stderr.decode(errors="replace"))
    return subprocess.CompletedProcess(said.args, said.returncode, *told)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Without what points git elsewhere (a hook that runs us), and with nobody to be asked."""
    kept = {name: value for name, value in given.items() if not _ELSEWHERE.match(name)}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LC_ALL": "C.UTF-8"}
