"""The invented shop on both databases."""

from tests.flows.fixtures import (
    bare,
    postgres_stage,
    shipped_catalogue,
    shop_files,
    sqlite_stage,
    stage,
    stocked_postgres,
    stocked_sqlite,
)

__all__ = [
    "bare",
    "postgres_stage",
    "shipped_catalogue",
    "shop_files",
    "sqlite_stage",
    "stage",
    "stocked_postgres",
    "stocked_sqlite",
]
