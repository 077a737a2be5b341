"""How do stored facts become what a template reads?

Frozen objects built from the schema: slots with the declared names and nothing else, never dicts, rows or settings.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from outreach.core.terms import FactType, Money
from outreach.render.problems import RenderProblem
from outreach.render.variables import SCALARS, Schema

Convert = Callable[[Any], Any]
#: Texts that are a program's word for "nothing": they never reach a customer.
NOTHING = frozenset({"None", "nan", "NaN", "null", "NULL", "undefined", "NaT", "<NA>"})
#: What one fact may hold: letters of a text, things of a list, letters of a person's name (decision 17).
MOST_LETTERS, MOST_LISTED, LONGEST_NAME = 4_000, 200, 200
#: Records of one kind that a template remembers.
_REMEMBERED = 1_000
_MACHINE = re.compile(r"<built-in|<.* object at 0x|^<(?:function|class) ")
_WEB = re.compile(r"://|\bwww\.|\w\.(?:com|net|org|info|biz|io|ru|cn|xyz|top|link|ly)\b", re.I)


class Record:
    """One frozen record. Parts that are not there are None; there is no other attribute."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a record is frozen")


def clean(text: str) -> str:
    """One line of printable text: control, bidi, private and unassigned characters are dropped."""
    if text.isprintable():
        return text.strip()
    spaced = re.sub(r"\s+", " ", text)
    # Cf holds the bidi controls and also the joiners that Persian, Hindi and emoji need
    kept = (c for c in spaced if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return "".join(kept).strip()


@lru_cache(maxsize=8_192)
def person_name(text: str | None) -> str | None:
    """A customer's name; None where it is empty, endless, or holds a web address (mail programs would link it)."""
    name = clean(text) if text else ""
    return None if not name or len(name) > LONGEST_NAME or name in NOTHING or _WEB.search(name) else name


def _text(value: Any) -> str | None:
    return _words(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=4096)
def _words(value: str) -> str | None:
    """Remembered: a night says the same names of products and people over and over."""
    text = clean(value)
    if text in NOTHING or ("<" in text and _MACHINE.search(text)):
        raise ValueError(f"it says {text!r}, a program's word for nothing")
    if len(text) > MOST_LETTERS:
        raise ValueError(f"it has {len(text):,} letters; a message can use {MOST_LETTERS:,}")
    return text or None


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return int(value) if value == int(value) else value


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _time(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    minor, currency = value["minor"], value["currency"]
    if isinstance(minor, bool) or not isinstance(minor, int) or not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"{value!r} is not an amount of a currency")
    return Money(minor, currency)


_SCALAR: dict[str, Convert] = {"number": _number, "date": _date, "time": _time, "money": _money, "slot": str}


class Shaper:
    """Turns JSON-shaped facts into frozen records, after one campaign's schema. Made once per template.

    `parts`: the parts of records that will be read; the others are not looked at. None: all.
    Facts are values: whoever has given some does not change them afterwards.
    """

    def __init__(self, schema: Schema, parts: frozenset[str] | None = None) -> None:
        self._schema = schema
        self._parts = parts
        self._made: dict[str, Convert] = {}
        self.converters = {name: self._converter(kind) for name, kind in schema.names.items()}

    def shape(self, name: str, value: Any) -> Any:
        """The value of the top-level `name`; None when missing. Raises RenderProblem (OUT-117) for a wrong shape."""
        if value is None:
            return () if self._schema.names[name].many else None
        try:
            return self.converters[name](value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            said = f"the fact `{name}` cannot be used: {error}"
            raise RenderProblem("OUT-117", said, help="mend the record and import it again") from None

    def _converter(self, kind: FactType) -> Convert:
        one = _SCALAR.get(kind.name, _text) if kind.name in SCALARS | {"slot"} else self._record(kind.name)
        if not kind.many:
            return one

        def many(values: Sequence[Any]) -> tuple[Any, ...]:
            if len(values) > MOST_LISTED:
                raise ValueError(f"it is a list of {len(values):,}; a message can use {MOST_LISTED}")
            return tuple(one(value) for value in values if value is not None)

        return many

    def _record(self, name: str) -> Convert:
        if name not in self._made:
            fields = self._schema.records[name]
            kind = type(f"{name}_record", (Record,), {"__slots__": tuple(fields), "__doc__": f"One {name}."})
            read = {part: of for part, of in fields.items() if self._parts is None or part in self._parts}
            self._made[name] = _builder(kind, read, self._converter)
        return self._made[name]


def _said_of(part: str, value: Mapping[str, Any]) -> str:
    """`care_link of "Walnut desk"`: the field, and which product or person has it."""
    name = value.get("name") or value.get("number")
    return f'{part} of "{name[:60]}"' if isinstance(name, str) and part not in ("name", "number") else part


def _builder(kind: type, fields: Mapping[str, FactType], converter: Callable[[FactType], Convert]) -> Convert:
    # the slots' own descriptors, because __setattr__ refuses everybody
    parts = [(part, converter(of), getattr(kind, part).__set__, () if of.many else None) for part, of in fields.items()]
    known: dict[int, tuple[Mapping[str, Any], Any]] = {}

    def build(value: Mapping[str, Any]) -> Any:
        """One model is offered to many people, an order is the first of the orders: the same facts, shaped once."""
        before = known.get(id(value))
        if before is not None:  # it is held there, so nothing else can have its id
            return before[1]
        made, get = kind(), value.get
        part = ""
        try:
            for part, convert, put, nothing in parts:
                found = get(part)
                put(made, nothing if found is None else convert(found))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{_said_of(part, value)}: {error}") from None
        if len(known) >= _REMEMBERED:
            known.clear()
        known[id(value)] = (value, made)
        return made

    return build
