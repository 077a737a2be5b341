"""How is another program's list of opt-outs taken over? Read as it comes, some lines at a time, each some committed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.errors import Misuse, Place
from outreach.core.optout_formats import PLAIN, Format, Meaning, recognised, said, telling
from outreach.core.terms import Scope
from outreach.flows import opt_out
from outreach.flows.app import App
from outreach.flows.wish_taken import take, wait_for_turn
from outreach.records import moments
from outreach.records.csv_file import CsvFile, open_csv
from outreach.records.table import Row
from outreach.store import audits, wish_changes, wishes
from outreach.store.engine import now, writing
from outreach.store.wishes import Asked

#: Lines that are taken over at a time: as many address locks, with `send.strict`, are held at once.
LINES = 500
#: Lines that could not be read and are named; and the most of somebody's words that is kept.
NAMED, _LONGEST = 1_000, 200
#: What a meaning closes, and in whose words; None: as whoever imports it asked.
_CLOSES: Mapping[Meaning, tuple[Scope | None, str]] = {
    Meaning.ASKED: (None, "asked"),
    Meaning.COMPLAINED: (Scope.EVERYTHING, "complained"),
    Meaning.BOUNCED: (Scope.ADDRESS, "bounced"),
    Meaning.NO_OFFERS: (Scope.OFFERS, "asked"),
    Meaning.NO_TEXTS: (Scope.TEXT, "asked"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list did, in lines. `took_it_for`: whose list it is; `left`: lines of people who asked for nothing.

    `since_back`: they came back by their own word after what the line says. `not_read`: lines without an
    address, or with nothing we understand; `unread` names the first of them.
    """

    took_it_for: str
    read: int = 0
    left: int = 0
    known: int = 0
    unknown: int = 0
    already: int = 0
    since_back: int = 0
    withdrawn: int = 0
    not_read: int = 0
    unread: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it means for which addresses, when it was said, and the words beside it. None: unreadable."""

    number: int
    meant: tuple[tuple[Meaning, str], ...] | None
    when: datetime | None
    why: str


def read_list(app: App, path: Path, asked: Asked, *, write: bool) -> Imported:
    """Take over an old list; one read in part can be read again.

    Raises Misuse: OUT-502 it cannot be read; OUT-508 nobody can tell by its columns who asked.
    """
    form, lines = _opened(app, path)
    done = Imported(form.name)
    while some := list(islice(lines, LINES)):
        with writing(app.engine, durable=True) as c:
            done = _Part(app, c, path.name, asked, write).take_over(some, done)
    if write:
        with writing(app.engine, durable=True) as c:
            detail = {"read": done.read, "took_it_for": done.took_it_for}
            audits.write(c, now(c), "optout.import", path.name, detail)
            audits.declare(c, "optout_list", f"imported {path.name}: {done.read} addresses")
    return done


def _opened(app: App, path: Path) -> tuple[Format, Iterator[Line]]:
    try:
        table = open_csv(path)
    except Misuse as problem:
        raise Misuse("OUT-502", problem.message, help="save it as UTF-8 CSV") from None
    form = recognised(table.header)
    if form is not None and form.nobody:
        said_so = f"{path.name} is a list of people who did not ask to be left alone ({form.name})"
        raise Misuse("OUT-508", said_so, help="export the unsubscribed and the cleaned contacts instead")
    if form is None and not any(opt_out.hashes(app, cell) for cell in table.header) and len(table.header) > 1:
        facts = (f"its columns: {', '.join(table.header)}"[:_LONGEST],)
        raise Misuse("OUT-508", f"{path.name} has no column of addresses", facts=facts, help=_NAME_IT)
    if form is PLAIN and (unsure := telling(table.header)):
        facts = (f"these columns may say it: {', '.join(unsure)}"[:_LONGEST],)
        raise Misuse("OUT-508", f"who in {path.name} asked to be left alone?", facts=facts, help=_ONLY_THEM)
    return form or PLAIN, _understood(_lines(app, table, form), path.name)


_NAME_IT = 'name the column "email" or "phone"'
_ONLY_THEM = "save the addresses of those who asked, and nothing else, as a list of its own"


def _understood(lines: Iterator[Line], name: str) -> Iterator[Line]:
    try:
        yield from lines
    except Misuse as problem:
        said_so = f"{problem.message} (what stood before it is in: {name} can be imported again)"
        raise Misuse("OUT-502", said_so, place=problem.place, help=problem.help or "save it as UTF-8 CSV") from None


def _lines(app: App, table: CsvFile, form: Format | None) -> Iterator[Line]:
    if form is None:  # one address a line, and no header
        head = Row(1, list(table.header))
        for row in (head, *table.rows()) if any(table.header) else table.rows():
            if any(cell.strip() for cell in row.cells):
                yield Line(row.line, tuple((Meaning.ASKED, cell) for cell in row.cells if cell.strip()), None, "")
        return
    columns: dict[str, list[int]] = {}
    for i, name in enumerate(table.header):  # Mailchimp writes some names twice
        columns.setdefault(name.strip().lower(), []).append(i)
    zone = ZoneInfo(app.house.shop.zone)
    for row in table.rows():
        if any(cell.strip() for cell in row.cells):
            yield _line(row, form, columns, zone)


def _line(row: Row, form: Format, columns: Mapping[str, Sequence[int]], zone: ZoneInfo) -> Line:
    def cell(name: str) -> str:
        found = (row.cells[i].strip().lstrip("'") for i in columns.get(name, ()) if i < len(row.cells))
        return next((text for text in found if text), "")

    if row.problem is not None:
        return Line(row.line, None, None, "")
    meant: list[tuple[Meaning, str]] = []
    for says in form.says:
        if says.column in columns:
            about = next((cell(name) for name in says.about if cell(name)), "")
            meant.append((said(says, cell(says.column)), about))
    if form.every is not None:
        meant += [(form.every, cell(name)) for name in form.about if name in columns and cell(name)]
    when = next((found for name in form.when if (found := _moment(cell(name), zone))), None)
    why = next((cell(name) for name in form.why if cell(name)), "")
    return Line(row.line, tuple(meant), when, why)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A date as exports write them, or seconds since 1970; None for anything else: the wish counts all the same."""
    if text.isascii() and text.isdigit() and 9 <= len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        found = moments.moment(text, zone, None)
    except moments.NotADate:
        return None
    return found.at or datetime.combine(found.on, time(12), zone)


@dataclass(slots=True)
class _Part:
    """Some lines of a list, in one transaction. `back`: when the owners of these addresses last came back."""

    app: App
    c: sa.Connection
    name: str
    asked: Asked
    write: bool
    back: Mapping[str, datetime] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def take_over(self, lines: Sequence[Line], so_far: Imported) -> Imported:
        """These lines, added to what was done so far."""
        counted = [(line, [pair for pair in line.meant or () if self._counts(pair)]) for line in lines]
        wanted = {text: self._covered(text) for _, pairs in counted for _, text in pairs}
        if self.write:
            wait_for_turn(self.app, self.c, [address for _, addresses in wanted.values() for address in addresses])
        at = now(self.c)
        self.back = wish_changes.last_back(self.c, [h for _, addresses in wanted.values() for _, h in addresses])
        unread = [line for line in lines if self._unclear(line)]
        for line, pairs in counted:
            if pairs:
                self._close(line, pairs, wanted, at)
            elif line not in unread:
                self.done["left"] += 1
        self.done["not_read"] += len(unread)
        added = {name: getattr(so_far, name) + count for name, count in self.done.items()}
        named = tuple(Place(self.name, line.number) for line in unread)
        return replace(so_far, **added, unread=(so_far.unread + named)[:NAMED])

    def _counts(self, pair: tuple[Meaning, str]) -> bool:
        return pair[0] in _CLOSES and bool(opt_out.hashes(self.app, pair[1]))

    def _unclear(self, line: Line) -> bool:
        """Nothing in it that we understand; a person has to look."""
        if not line.meant or any(meaning is Meaning.UNCLEAR for meaning, _ in line.meant):
            return True
        wanted = [pair for pair in line.meant if pair[0] in _CLOSES and pair[1]]
        return bool(wanted) and not any(self._counts(pair) for pair in wanted)

    def _covered(self, text: str) -> tuple[bool, opt_out.Addresses]:
        """Whether a customer has it, and all that a wish of theirs covers."""
        customers = opt_out.customers_meant(self.app, self.c, text)
        return bool(customers), opt_out.addresses_of(self.app, self.c, text, customers)

    def _close(self, line: Line, pairs: Sequence[tuple[Meaning, str]], wanted: Mapping[str, Any], at: datetime) -> None:
        """Whoever came back by their own word since is not closed again by what they said before."""
        mine = [h for _, text in pairs for _, h in opt_out.hashes(self.app, text)]
        self.done["read"] += 1
        self.done["known" if any(wanted[text][0] for _, text in pairs) else "unknown"] += 1
        self.done["already"] += bool(wishes.standing(self.c, mine))
        since_back = line.when is not None and any(self.back.get(h, line.when) > line.when for h in mine)
        self.done["since_back"] += since_back
        for meaning, text in () if since_back or not self.write else pairs:
            asked = self._asked(meaning, line, at)
            dead = asked.scope is Scope.ADDRESS  # it is the address that is dead, not the person
            addresses = opt_out.hashes(self.app, text) if dead else wanted[text][1]
            known = replace(asked, plain=opt_out.plain(self.app, text))
            self.done["withdrawn"] += take(self.app, self.c, addresses, known).withdrawn

    def _asked(self, meaning: Meaning, line: Line, at: datetime) -> Asked:
        scope, reason = _CLOSES[meaning]
        said_at = line.when if line.when is not None and line.when < at else None
        where = f"{self.name}:{line.number}"
        evidence = f"{where}: {line.why[:_LONGEST]}" if line.why else where
        asked = self.asked if scope is None else replace(self.asked, scope=scope, until=None)
        return replace(asked, reason=reason, evidence=evidence, at=at, said_at=said_at)
