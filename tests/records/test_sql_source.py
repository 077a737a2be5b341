"""Do records come from the shop's own database, only what is new, and by the same checks?"""

from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.records.sql_table import as_text, sql_sources
from outreach.records.summary import ImportSummary
from outreach.store import shop
from outreach.store.intake import watermarks_by_source
from tests.records.desk import Desk, said

RECORDS = """\
sql:
  sqlite: theirs.db
  watermark: changed_at
  queries:
    customers: SELECT id AS customer, mail AS email FROM people
    orders: SELECT no AS order_id, who AS customer, placed, late, changed_at FROM sales WHERE changed_at >= :since
orders:
  columns: {order: order_id, customer: customer, placed_at: placed, promised_on: late}
"""


@pytest.fixture
def theirs(desk: Desk) -> sa.Engine:
    """A small shop's database, of their own making."""
    engine = sa.create_engine(f"sqlite:///{desk.project / 'theirs.db'}")
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE people (id INTEGER, mail TEXT)")
        c.exec_driver_sql("CREATE TABLE sales (no INTEGER, who INTEGER, placed TEXT, late TEXT, changed_at TEXT)")
        c.exec_driver_sql("INSERT INTO people VALUES (1, 'ana@shop.example'), (2, NULL)")
        c.exec_driver_sql(
            "INSERT INTO sales VALUES (10, 1, '2026-03-01', '2026-03-05', '2026-03-02 08:00:00'),"
            " (11, 2, '2026-03-01', NULL, '2026-03-01 08:00:00'), (12, 9, 'never', NULL, '2026-02-01 08:00:00')"
        )
    (desk.project / "config/records.yaml").write_text(RECORDS)
    return engine


def _take(desk: Desk, since: str | None = None, check: bool = False) -> ImportSummary:
    return desk.sources(sql_sources(desk.project, {}, _marks(desk), since=since), check=check)


def _marks(desk: Desk) -> dict[str, str]:
    with desk.engine.connect() as c:
        return watermarks_by_source(c)


def test_the_first_time_all_then_only_what_changed(desk: Desk, theirs: sa.Engine) -> None:
    first = _take(desk)
    assert [(f.name, f.read, f.new, f.rejected) for f in first.files] == [
        ("sql:customers", 2, 2, 0),
        ("sql:orders", 3, 2, 1),
    ]
    assert said(first.files[1]) == ['sql:orders:3:3: placed: "never" is not a date']
    assert (desk.project / "rejected/sql-orders.rejected.csv").read_text().startswith("order_id,customer,placed,late,")
    assert _marks(desk) == {"sql:orders": "2026-03-02 08:00:00"}
    with theirs.begin() as c:
        c.exec_driver_sql("UPDATE sales SET late = '2026-03-09', changed_at = '2026-03-04 08:00:00' WHERE no = 10")
    second = _take(desk).files[1]
    assert (second.read, second.new, second.changed) == (1, 0, 1)
    assert str(desk.order("10").promised_on) == "2026-03-05"
    assert _marks(desk) == {"sql:orders": "2026-03-04 08:00:00"}
    assert _take(desk).files[1].unchanged == 1
    assert _take(desk, since="2000-01-01").files[1].read == 3


def test_a_check_moves_no_mark(desk: Desk, theirs: sa.Engine) -> None:
    _take(desk, check=True)
    assert _marks(desk) == {}
    assert not desk.rows(shop.orders)


def test_a_mark_that_is_a_number(desk: Desk, theirs: sa.Engine) -> None:
    text = (
        RECORDS.replace("changed_at", "no")
        .replace(", no FROM", ", no FROM")
        .replace("queries:", "first: 0\n  queries:")
    )
    (desk.project / "config/records.yaml").write_text(text.replace("no >= :since", "no > :since"))
    assert _take(desk).files[1].read == 3
    assert _marks(desk) == {"sql:orders": "12"}
    assert _take(desk).files[1].read == 0
    assert _marks(desk) == {"sql:orders": "12"}


def test_the_shops_database_is_only_read(desk: Desk, theirs: sa.Engine) -> None:
    text = RECORDS.replace(
        "SELECT id AS customer, mail AS email FROM people", "DELETE FROM people RETURNING id AS customer"
    )
    (desk.project / "config/records.yaml").write_text(text)
    with pytest.raises(Misuse, match="readonly"):
        _take(desk)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("FROM people", "FROM nobody", "no such table"),
        ("late, changed_at", "late", 'no column "changed_at"'),
        ("id AS customer, ", "", "no column for customer"),
        ("sqlite: theirs.db", "sqlite: other.db", "other.db is not there"),
        ("sqlite: theirs.db", "url_env: SHOP_DATABASE_URL", "SHOP_DATABASE_URL does not hold"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(desk: Desk, theirs: sa.Engine, old: str, new: str, words: str) -> None:
    (desk.project / "config/records.yaml").write_text(RECORDS.replace(old, new))
    with pytest.raises(Misuse) as problem:
        _take(desk)
    assert words in problem.value.message
    assert not desk.rows(shop.customers)


def test_the_address_comes_from_the_environment_and_is_never_shown(
    desk: Desk, theirs: sa.Engine, tmp_path: Path
) -> None:
    (desk.project / "config/records.yaml").write_text(RECORDS.replace("sqlite: theirs.db", "url_env: SHOP_DB"))
    found = sql_sources(desk.project, {"SHOP_DB": f"sqlite:///{desk.project / 'theirs.db'}"}, {})
    assert desk.sources(found).read == 5
    with pytest.raises(Misuse) as problem:
        sql_sources(desk.project, {"SHOP_DB": "nonsense://ana:secret@host/db"}, {})
    assert "secret" not in f"{problem.value.message}{problem.value.facts}{problem.value.help}"


def test_values_become_cells() -> None:
    assert [as_text(v) for v in (None, "x", True, 32.3800011, 14.0, 7)] == ["", "x", "yes", "32.38", "14", "7"]
