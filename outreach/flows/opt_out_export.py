"""How do the shop's other senders learn who is to be left alone? A file each of them can read; who took it is kept."""

import csv
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outreach.core.cells import harmless
from outreach.core.errors import Misuse
from outreach.core.terms import Channel, Scope
from outreach.flows.app import App, shop_day
from outreach.store import audits, wish_export
from outreach.store.engine import now, reading, writing


@dataclass(frozen=True, slots=True)
class Layout:
    """A file one of their programs reads: its columns, a row as cells. `dated`: pauses and bounces stand in it, too."""

    channels: tuple[Channel, ...]
    columns: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]
    dated: bool = False


def _everything(row: Any) -> tuple[str, ...]:
    until = row.until.isoformat() if row.until else ""
    return (row.channel, row.address, row.scope, row.reason, row.door, row.since.isoformat(timespec="seconds"), until)


_ALL = ("channel", "address", "scope", "reason", "door", "since", "until")
LAYOUTS: Mapping[str, Layout] = {
    "csv": Layout(tuple(Channel), _ALL, _everything, dated=True),
    "mailchimp": Layout((Channel.EMAIL,), ("Email Address",), lambda row: (row.address,)),
    "klaviyo": Layout((Channel.EMAIL,), ("Email",), lambda row: (row.address,)),
    "sendgrid": Layout((Channel.EMAIL,), ("email",), lambda row: (row.address,)),
    "twilio": Layout(
        (Channel.TEXT,),
        ("contact_id", "status", "source", "date_of_consent"),
        lambda row: (row.address, "opt-out", "others", row.since.isoformat(timespec="seconds")),
    ),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. `bare`: wishes whose address we do not hold; `left_out`: pauses and bounces, in layouts that
    know neither."""

    path: Path
    addresses: int
    left_out: int
    bare: int


def export(app: App, path: Path | None, layout: str) -> Exported:
    """Write the list, whole or not at all; in PROJECT/reports/ where no `path` is given. Readable by its owner alone.

    Raises Misuse (OUT-511) for a layout we do not know, or a file that cannot be written.
    """
    if layout not in LAYOUTS:
        raise Misuse("OUT-511", f'"{layout}" is no list we can write', facts=(f"we can: {', '.join(LAYOUTS)}",))
    with reading(app.engine) as c:
        today = shop_day(app, now(c))
        target = path or app.project / "reports" / f"opt-outs-{today.isoformat()}-{layout}.csv"
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            written, left_out = _write(
                beside, LAYOUTS[layout], wish_export.closed(c, LAYOUTS[layout].channels, today=today)
            )
            beside.replace(target)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise Misuse("OUT-511", f"{target.name} cannot be written: {error.strerror}") from None
        bare = wish_export.bare(c)
    with writing(app.engine) as c:
        audits.write(c, now(c), "optout.export", layout, {"addresses": written})
    return Exported(target, written, left_out, bare)


def _write(path: Path, layout: Layout, rows: Any) -> tuple[int, int]:
    """(addresses written, left out)."""
    written = left_out = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(layout.columns)
        for row in rows:
            if not layout.dated and (row.until is not None or row.scope == Scope.ADDRESS.value):
                left_out += 1
                continue
            out.writerow([harmless(cell) for cell in layout.cells(row)])
            written += 1
    return written, left_out
