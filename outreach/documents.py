"""How is a YAML 1.2 document read so that everything wrong in it has a file, a line and a column?

Used for config/outreach.yaml, campaign files, column mappings and the front matter of templates.
"""

import difflib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.reader import ReaderError

from outreach.core.errors import Finding, Misuse, Place

#: How deep lists and maps may stand inside one another; the deepest of ours is 6.
MOST_DEPTH = 20
Model = TypeVar("Model", bound="Document")


class Document(BaseModel):
    """Base of every checked document: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load(path: Path, model: type[Model], *, shown: str, code: str = "OUT-601") -> Model:
    """Read and check one file. `shown` is the name errors print (relative to the project).

    Raises Misuse with one finding per wrong key or value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Misuse(code, f"{shown} is not there", help="outreach init    (makes a project)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(code, f"{shown} cannot be read: {error}", help="save it as UTF-8 text") from None
    return parse(text, model, shown=shown, code=code)


def parse(text: str, model: type[Model], *, shown: str, code: str, first_line: int = 1) -> Model:
    """Check YAML text. `first_line` is where the text starts in its file (front matter starts at 2)."""
    data = tree(text, shown=shown, code=code, first_line=first_line)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        findings = tuple(_finding(e, data, model, (shown, text, first_line, code)) for e in error.errors())
        first = findings[0]
        problem = Misuse(code, first.message, place=first.place, facts=first.facts, help=first.help)
        raise (problem.with_findings(findings) if len(findings) > 1 else problem) from None


def tree(text: str, *, shown: str, code: str, first_line: int = 1) -> Any:
    """The document as nested maps and lists that remember their line and column; only to be read: it is kept."""
    try:
        if sum(map(text.count, "[{?-")) > MOST_DEPTH and (deep := _too_deep(text)):
            place = _place(shown, text, deep, first_line)
            raise Misuse(code, f"things stand inside one another more than {MOST_DEPTH} deep", place=place)
        data = _read(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        place = _place(shown, text, (line, column), first_line)
        said = " ".join(str(error.problem or error.context or "is not YAML").split())
        raise Misuse(code, f"not readable as YAML: {said}", place=place) from None
    except ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        place = _place(shown, text, (len(before) - 1, len(before[-1])), first_line)
        said = "a character that no text file holds; save it as UTF-8 text"
        raise Misuse(code, f"not readable as YAML: {said}", place=place) from None
    except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError) as error:
        place = _place(shown, text, _first_unreadable(text), first_line)
        said = f"not readable as YAML: a date or a number that is none ({str(error)[:60]})"
        raise Misuse(code, said, place=place, help="put quotes around it") from None
    return CommentedMap() if data is None else data


@lru_cache(maxsize=128)
def _read(text: str) -> Any:
    """Kept: most are read for their values first, and again for where those stand; and reading is slow."""
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    return yaml.load(text)


@lru_cache(maxsize=128)
def _too_deep(text: str) -> tuple[int, int] | None:
    """0-based (line, column) of the first thing that is too deep; the parser recurses, its events do not."""
    depth = 0
    for event in YAML(typ="rt").parse(text):
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                return event.start_mark.line, event.start_mark.column
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
    return None


def _first_unreadable(text: str) -> tuple[int, int]:
    """0-based (line, column) of the first line that is no YAML value even alone; the start if there is none."""
    for number, line in enumerate(text.splitlines()):
        try:
            YAML(typ="rt").load(line)
        except YAMLError:
            continue
        except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
            return number, len(line.partition(":")[0]) + 2 if ":" in line else 0
    return 0, 0


def position(node: Any, path: tuple[str | int, ...], *, of_key: bool = False) -> tuple[int, int]:
    """0-based (line, column) of the value at `path`, or of the key itself; of the nearest parent if it is missing."""
    line, column = (node.lc.line or 0, node.lc.col or 0) if hasattr(node, "lc") else (0, 0)  # None: an empty document
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        try:
            if isinstance(node, CommentedMap):
                line, column = node.lc.key(step) if of_key and last else node.lc.value(step)
            elif isinstance(node, CommentedSeq):
                line, column = node.lc.item(step)
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line, column


def suggest(word: str, known: list[str]) -> str:
    """' Did you mean "x"?' or nothing."""
    close = difflib.get_close_matches(word, known, 1)
    return f'did you mean "{close[0]}"?' if close else ""


def _finding(error: ErrorDetails, data: Any, model: type[BaseModel], source: tuple[str, str, int, str]) -> Finding:
    shown, text, first_line, code = source
    path = tuple(step for step in error["loc"] if not (isinstance(step, str) and step.startswith("function-")))
    unknown = error["type"] == "extra_forbidden"
    dotted = ".".join(str(step) for step in path)
    facts: tuple[str, ...] = ()
    if unknown:
        known = _known_keys(model, path[:-1])
        near = suggest(str(path[-1]), known)
        message = f'"{dotted}" is not a key we have'
        facts = (near,) if near else (f"known here: {', '.join(sorted(known))}",) if known else ()
    elif error["type"] == "missing":
        message = f'"{dotted}" is missing'
    else:
        said = error["msg"].removeprefix("Value error, ")
        if not dotted and error["type"] == "model_type":
            said = f"this is a {_kind(data)}, and keys are wanted: `key: value`"
        message = f"{dotted}: {said}" if dotted else said
        facts = _says(error["input"])
    place = _place(shown, text, position(data, path, of_key=unknown), first_line)
    return Finding(code=code, message=message, place=place, facts=facts)


def _kind(data: object) -> str:
    return "list" if isinstance(data, list) else "single word or number"


def _says(value: object) -> tuple[str, ...]:
    """What was written there, in short; a number too long to be written says nothing."""
    if isinstance(value, bool | float | str) or (isinstance(value, int) and value.bit_length() < 256):
        said = repr(value)
        return (f"it says: {said if len(said) <= 80 else said[:79] + '…'}",)
    return ()


def _known_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    current: Any = model
    for step in path:
        fields = getattr(current, "model_fields", {})
        current = fields[step].annotation if step in fields else None
        current = next((a for a in getattr(current, "__args__", ()) if hasattr(a, "model_fields")), current)
    return [f.alias or name for name, f in getattr(current, "model_fields", {}).items()]


def _place(shown: str, text: str, at: tuple[int, int], first_line: int) -> Place:
    lines = text.splitlines()
    line = lines[at[0]] if at[0] < len(lines) else ""
    return Place(file=shown, line=at[0] + first_line, column=at[1] + 1, text=line)
