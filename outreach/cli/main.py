"""Which command was meant, and what happens when it fails? The edge: no traceback reaches a user."""

import difflib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import typer

from outreach import __version__
from outreach.cli.answer import Answer
from outreach.cli.screen import WIDTH, Screen
from outreach.core.errors import Misuse, Problem

#: command -> (module, function, in one line), by group; first the ones a newcomer needs.
GROUPS: dict[str, dict[str, tuple[str, str, str]]] = {
    "Start here": {
        "demo": ("setup", "demo", "See it all with made-up customers. Sends nothing."),
        "init": ("setup", "init", "Make a new project in this folder"),
        "import": ("records", "import_records", "Read customers, orders and products (CSV or SQL)"),
        "doctor": ("doctor", "doctor", "Check that everything needed is in place"),
    },
    "Every night": {
        "nightly": ("nights", "nightly", "Find, decide, render and queue tonight's messages"),
        "release": ("release", "release", "Hand over what is due (outbox mode: to files on this machine)"),
        "worker": ("worker", "worker", "Hand due messages to the providers, day and night"),
        "status": ("status", "status", "What is running, waiting or stuck now"),
        "retry": ("nights", "retry", "Try again what failed in a run"),
        "approve": ("nights", "approve", "Let a held run go"),
        "tidy": ("tidy", "tidy", "Forget what is older than you keep it"),
    },
    "Look": {
        "why": ("why", "why", "Why a customer was, or was not, written to"),
        "report": ("report", "report", "What was found, decided and queued"),
        "tonight": ("tonight", "tonight", "Every message that will leave, before it leaves"),
        "show": ("tonight", "show", "Exactly what one customer got"),
        "rehearse": ("rehearse", "rehearse", "Play the last nights from your records; keeps nothing"),
        "preview": ("preview", "preview", "Show a message as one customer would get it"),
    },
    "Write": {
        "serve": ("serve", "serve", "Open the customer pages"),
        "new": ("new", "new", "Start a campaign, a language or a variant"),
        "lint": ("lint", "check", "Check every template"),
        "variables": ("variables", "variables", "What a template may use"),
        "send-test": ("send_test", "send_test", "Send a test to a teammate"),
        "publish": ("publishing", "publish", "Check a template and let the nights use it"),
        "history": ("publishing", "history", "A template's versions, and who got them"),
        "revert": ("publishing", "revert", "Go back to an older version's words"),
    },
    "Stop": {
        "pause": ("levers", "pause", "Let nothing of a campaign (or of all) leave"),
        "resume": ("levers", "resume", "Lift a pause"),
        "hold": ("levers", "hold", "Leave one customer alone until a date"),
    },
    "Customers' wishes": {
        "replies": ("replies", "replies", "Who wrote and waits for a person"),
        "optout": ("wishes", "optout", 'Record, look up, import or undo "do not contact"'),
        "forget": ("forget", "forget", "Erase a person; their wish stays"),
    },
    "": {
        "explain": ("explain", "explain", "What an error code means and how to mend it"),
    },
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was typed, with the options every command takes lifted out of it."""

    command: str | None
    args: tuple[str, ...]
    project: Path
    screen: Screen
    wants_help: bool
    wants_version: bool


def parse(argv: Sequence[str]) -> Invocation:
    """The options every command takes may stand anywhere before `--`."""
    rest: list[str] = []
    flags = {"json": False, "quiet": False, "color": True, "help": False, "version": False}
    verbose, project = 0, "."
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--json":
            flags["json"] = True
        elif word in ("-q", "--quiet"):
            flags["quiet"] = True
        elif word in ("-v", "-vv", "--verbose"):
            verbose += word.count("v") if word != "--verbose" else 1
        elif word == "--no-color":
            flags["color"] = False
        elif word in ("-C", "--project"):
            project = next(words, "")
        elif word.startswith("--project="):
            project = word.partition("=")[2]
        elif word in ("-h", "--help") and not rest:
            flags["help"] = True
        elif word == "--version" and not rest:
            flags["version"] = True
        else:
            rest.append("--help" if word == "-h" else word)
    screen = Screen(flags["json"], flags["quiet"], verbose, flags["color"])
    command, args = (rest[0], tuple(rest[1:])) if rest else (None, ())
    return Invocation(command, args, Path(project), screen, flags["help"], flags["version"])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of interface.md 2.4."""
    call = parse(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return _run(call)
    except typer.TyperException as error:
        said = getattr(error, "format_message", error.__str__)()
        return call.screen.problem(Misuse("OUT-600", said, help=f"outreach {call.command or ''} --help"))
    except Problem as problem:
        return call.screen.problem(problem)
    except (KeyboardInterrupt, typer.Abort):
        return call.screen.stopped(130)
    except Terminated:
        return call.screen.stopped(143)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the edge
        return _fault(call, error)


def _run(call: Invocation) -> int:
    if call.wants_version:
        return call.screen.answer(Answer("outreach.version/1", {"version": __version__}, [f"outreach {__version__}"]))
    if call.command is None or call.wants_help:
        return call.screen.answer(Answer("outreach.help/1", {"commands": sorted(commands())}, help_lines()))
    known = commands()
    if call.command not in known:
        near = _near(call.command, sorted(known))
        raise Misuse("OUT-600", f'there is no command "{call.command}"', facts=near, help="outreach --help")
    module, function, _ = known[call.command]
    run = _loaded(module, function)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(call.command)(run)
    command = typer.main.get_command(app)
    if "--help" in call.args:
        return call.screen.answer(_command_help(call.command, command))
    desk = _loaded("desk", "Desk")(call.project.resolve(), call.screen)
    name = f"outreach {call.command}"
    try:
        given = command.main(list(call.args), prog_name=name, standalone_mode=False, obj=desk, color=False)
    finally:
        desk.close()
    if not isinstance(given, Answer):  # typer makes a number of Ctrl-C
        raise KeyboardInterrupt
    return call.screen.answer(given)


def _loaded(module: str, name: str) -> Callable[..., Any]:
    """A part of the command line, loaded only when it is needed: `--help` does not wait for a database library."""
    found: Callable[..., Any] = getattr(importlib.import_module(f"outreach.cli.{module}"), name)
    return found


def _command_help(name: str, command: Any) -> Answer:
    context = typer.Context(command, info_name=f"outreach {name}", terminal_width=WIDTH, max_content_width=WIDTH)
    lines = command.get_help(context).splitlines()
    return Answer("outreach.help/1", {"command": name, "help": "\n".join(lines)}, lines)


def commands() -> dict[str, tuple[str, str, str]]:
    """Every command there is."""
    return {name: entry for group in GROUPS.values() for name, entry in group.items()}


def _near(word: str, known: list[str]) -> tuple[str, ...]:
    close = difflib.get_close_matches(word, known, 2) or [name for name in known if name.startswith(word[:3])]
    return (f"did you mean {' or '.join(close)}?",) if close else ()


def help_lines() -> list[str]:
    """The front page, lists only what exists."""
    lines = [
        "Usage: outreach [OPTIONS] COMMAND [ARGS]...",
        "",
        "  Follow up after every delivery, tell owners when what they have is",
        "  updated, ask after customers who went quiet. Leaves alone those who ask.",
    ]
    for group, entries in GROUPS.items():
        lines += ["", group] if group else [""]
        lines += [f"  {name:<10}  {words}" for name, (_, _, words) in entries.items()]
    return [
        *lines,
        "",
        "Options",
        "  -C, --project DIR  Folder with config/outreach.yaml  [default: .]",
        "  --json             One JSON document on stdout",
        "  -q, --quiet        Say nothing unless something needs you",
        "  -v, --verbose      Say more",
        "  --no-color         No colour (also NO_COLOR=1)",
        "  --version, -h, --help",
    ]


class Terminated(BaseException):
    """TERM came. Like Ctrl-C it is no error that anything between here and there may catch."""


def _terminated(_signal: int, _frame: object) -> NoReturn:
    raise Terminated


def _fault(call: Invocation, error: Exception) -> int:
    """A fault in outreach itself: the trace goes to a file, its path to the user."""
    folder = call.project / ".outreach" / "faults"
    text = "".join(traceback.format_exception(error))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        path.write_text(text, encoding="utf-8")
        where = f"the trace is in {path}"
    except OSError:
        where = "the trace could not be saved; -v prints it"
    if call.screen.verbose:
        sys.stderr.write(text)
    problem = Problem("OUT-700", f"a fault in outreach itself ({type(error).__name__})", facts=(where,))
    problem.help = "nothing is lost; please report it with that file"
    return call.screen.problem(problem)
