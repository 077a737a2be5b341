"""What would the same work cost with nothing around it? csv and executemany, the SQL alone, Jinja alone, one UPDATE.

Everything here goes straight to the driver, in the same database, with the same tables and indexes.
"""

import csv
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.render.content import Content
from outreach.store import contacts, schema, shop
from outreach.store.engine import writing
from outreach.store.intake import prepare_bulk
from outreach.store.types import Utc

_BATCH = 4_000
Rows = Iterable[tuple[Any, ...]]


def put(engine: sa.Engine, table: sa.Table, columns: Sequence[str], rows: Rows, *, batch: int = _BATCH) -> int:
    """executemany by the driver, one transaction a batch."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    done = 0
    several = iter(rows)
    while some := list(itertools.islice(several, batch)):
        with writing(engine) as c:
            prepare_bulk(c)
            _cursor(c).executemany(statement, some)
        done += len(some)
    return done


def _cursor(c: sa.Connection) -> Any:
    raw = c.connection.driver_connection
    assert raw is not None
    return raw.cursor()


def load_records(engine: sa.Engine, folder: Path) -> int:
    """csv.reader + executemany of the four files, trusting every cell. Returns rows read."""
    return sum(step(engine, folder) for step in (_customers, _products, _orders, _lines))


def _read(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        head = next(rows)
        for number, row in enumerate(rows, 1):
            yield number, dict(zip(head, row, strict=True))


def _customers(engine: sa.Engine, folder: Path) -> int:
    path = folder / "customers.csv"
    names = ["id", "key", "household_id", "first_name", "last_name", "language", "country", "state", "since_on"]
    rows = (
        (n, r["customer"], n, r["first_name"], r["last_name"], r["language"], r["country"], r["state"], None)
        for n, r in _read(path)
    )
    count = put(engine, shop.customers, names, rows)
    points = ((n, "email", r["email"], r["email"]) for n, r in _read(path))
    put(engine, contacts.contact_points, ["customer_id", "channel", "address", "address_hash"], points)
    phones = ((n, "text", r["phone"], r["phone"]) for n, r in _read(path) if r["phone"])
    put(engine, contacts.contact_points, ["customer_id", "channel", "address", "address_hash"], phones)
    names = ["contact_hash", "channel", "level", "action", "source", "at", "recorded_at"]
    then = datetime(2026, 1, 1, tzinfo=UTC).isoformat(" ")
    yes = ((r["email"], "email", "marketing", "grant", "import", then, then) for _, r in _read(path))
    put(engine, contacts.consent_events, names, yes)
    return count


def _products(engine: sa.Engine, folder: Path) -> int:
    rows = ((n, r["product"], r["name"]) for n, r in _read(folder / "products.csv"))
    return put(engine, shop.products, ["id", "key", "name"], rows)


def _orders(engine: sa.Engine, folder: Path) -> int:
    path = folder / "orders.csv"
    names = [*("id", "key", "customer_id", "placed_at", "placed_on", "shipped_on", "delivered_at", "delivered_on")]
    names += ["complete_on", "promised_on", "due_on", "status", "carrier"]

    def row(n: int, r: dict[str, str]) -> tuple[Any, ...]:
        placed, came, promised = r["placed_at"], r["delivered_at"] or None, r["promised_on"] or None
        day = came and came[:10]
        known = (n, r["order"], int(r["customer"][1:]) + 1, placed, placed[:10], r["shipped_on"] or None)
        return (*known, came, day, day, promised, promised, r["status"], r["carrier"])

    count = put(engine, shop.orders, names, (row(n, r) for n, r in _read(path)))
    kept = ((n, r["promised_on"], r["placed_at"][:10], "orders.csv") for n, r in _read(path))
    put(engine, shop.promises, ["order_id", "promised_on", "made_on", "source"], kept)
    return count


def _lines(engine: sa.Engine, folder: Path) -> int:
    products = {r["product"]: n for n, r in _read(folder / "products.csv")}
    rows = ((int(r["order"][1:]), r["line"], products[r["product"]]) for _, r in _read(folder / "order_lines.csv"))
    return put(engine, shop.order_lines, ["order_id", "number", "product_id"], rows)


def select(c: sa.Connection, query: sa.Select[Any]) -> int:
    """The query's own text through the driver, every row fetched."""
    text = str(query.compile(dialect=c.dialect, compile_kwargs={"literal_binds": True}))
    return len(_cursor(c).execute(text).fetchall())


def planned_rows(engine: sa.Engine) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """What a pass wrote, as it lies in the database: outbox, told and decision. Table name -> (columns, rows)."""
    found = {}
    with engine.connect() as c:
        for table in (schema.outbox, schema.told, schema.decisions):
            names = [column.name for column in table.c]
            picked = [f"CAST({x.name} AS text)" if isinstance(x.type, sa.JSON | Utc) else x.name for x in table.c]
            rows = _cursor(c).execute(f"SELECT {', '.join(picked)} FROM {table.name}").fetchall()
            found[table.name] = (names, rows)
    return found


def write_plan(engine: sa.Engine, found: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    """The same rows into the same tables with executemany, a thousand a transaction."""
    for table in (schema.outbox, schema.told, schema.decisions):
        names, rows = found[table.name]
        put(engine, table, names, rows, batch=1_000)


def plain_template(content: Content, values: dict[str, str], channel: Channel) -> Callable[[dict[str, str]], str]:
    """An equal template: a finished message in which these values are Jinja expressions again."""
    box = jinja2.Environment(autoescape=channel is Channel.EMAIL)
    whole = "\x1e".join((content.subject or "", content.html or "", content.text))
    whole = re.sub(r"\{([{%#])", r"{ \1", whole)
    for name, value in sorted(values.items(), key=lambda pair: -len(pair[1])):
        whole = whole.replace(value, f"{{{{ {name} }}}}") if value else whole
    made = box.from_string(whole)
    return lambda known: made.render(known)


def accept(engine: sa.Engine, ids: Sequence[int], *, batch: int) -> int:
    """One UPDATE a message, `batch` a transaction."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    statement = f"UPDATE outbox SET state = 'accepted', provider = 'x', updated_at = {mark} WHERE id = {mark}"
    then = datetime(2026, 11, 14, tzinfo=UTC).isoformat(" ")
    for start in range(0, len(ids), batch):
        with writing(engine) as c:
            _cursor(c).executemany(statement, [(then, i) for i in ids[start : start + batch]])
    return len(ids)
