"""Which column of the shop's files is which of our fields? config/records.yaml, read, checked and saved."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from outreach.core.errors import Misuse
from outreach.documents import Document, load, suggest, tree
from outreach.records.fields import RecordKind, field_names, missing_fields

FILE = "config/records.yaml"
DateOrder = Literal["day-first", "month-first"]
Decimal = Literal["point", "comma"]
_HEAD = (
    "Which column of the shop's files is which of our fields (field: column); how they write dates and amounts.\n"
    "Saved by: outreach import --guess"
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Our field -> the file's column, and how the file writes what can be read two ways.

    `date_order` and `decimal` None: decided by the data. `currency`: of amounts without a currency column.
    """

    kind: RecordKind
    columns: dict[str, str]
    date_order: DateOrder | None = None
    decimal: Decimal | None = None
    currency: str | None = None

    def fits(self, header: Sequence[str]) -> bool:
        """Whether every column it names is there."""
        return set(self.columns.values()) <= set(header)


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """How the shop's own database is read. One of `url_env` and `sqlite`; queries by kind.

    `watermark`: the column whose highest value is remembered; `first`: what `:since` is on the first run.
    """

    queries: dict[RecordKind, str]
    url_env: str | None = None
    sqlite: str | None = None
    watermark: str | None = None
    first: str | int = "1970-01-01 00:00:00"


@dataclass(frozen=True, slots=True)
class Saved:
    """What config/records.yaml says."""

    mappings: dict[RecordKind, Mapping]
    sql: SqlSettings | None = None


class _Kind(Document):
    columns: dict[str, str] = Field(min_length=1)
    date_order: DateOrder | None = None
    decimal: Decimal | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None


class _Sql(Document):
    url_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    sqlite: str | None = None
    watermark: str | None = None
    first: str | int = "1970-01-01 00:00:00"
    queries: dict[RecordKind, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_database(self) -> "_Sql":
        if (self.url_env is None) == (self.sqlite is None):
            raise ValueError("name the database once: url_env (an environment variable) or sqlite (a file)")
        asking = [kind.value for kind, query in self.queries.items() if ":since" in query]
        if asking and self.watermark is None:
            raise ValueError(f"{asking[0]} asks for :since, so say which column is the watermark")
        return self


class _File(Document):
    customers: _Kind | None = None
    products: _Kind | None = None
    orders: _Kind | None = None
    order_lines: _Kind | None = None
    sql: _Sql | None = None

    @model_validator(mode="after")
    def _fields_are_ours(self) -> "_File":
        for kind in RecordKind:
            section: _Kind | None = getattr(self, kind.value)
            if section is None:
                continue
            known = field_names(kind)
            for name in section.columns:
                if name not in known:
                    near = suggest(name, known)
                    raise ValueError(
                        f'{kind.value}.columns: "{name}" is not a field we have; {near or ", ".join(known)}'
                    )
            missing = missing_fields(kind, set(section.columns))
            if missing:
                raise ValueError(f"{kind.value}.columns: {', '.join(missing)} must have a column")
        return self


def read_mappings(project: Path, *, file: Path | None = None) -> Saved:
    """The saved mappings (or those of `--map FILE`); empty when there is no file yet.

    Raises Misuse (OUT-206) naming file:line:column.
    """
    path = file or project / FILE
    if file is None and not path.is_file():
        return Saved({})
    read = load(path, _File, shown=FILE if file is None else file.name, code="OUT-206")
    sections = {kind: getattr(read, kind.value) for kind in RecordKind}
    mappings = {kind: _mapping(kind, section) for kind, section in sections.items() if section is not None}
    return Saved(mappings, _sql(read.sql))


def _mapping(kind: RecordKind, section: _Kind) -> Mapping:
    return Mapping(kind, dict(section.columns), section.date_order, section.decimal, section.currency)


def _sql(section: _Sql | None) -> SqlSettings | None:
    if section is None:
        return None
    return SqlSettings(dict(section.queries), section.url_env, section.sqlite, section.watermark, section.first)


def save_mapping(project: Path, mappings: Iterable[Mapping]) -> Path:
    """Write these mappings into config/records.yaml; other kinds, `sql` and comments stay. Returns the path.

    Raises Misuse (OUT-206) when the file that is there cannot be read.
    """
    path = project / FILE
    data = _present(path)
    for mapping in mappings:
        data[mapping.kind.value] = _section(mapping)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".yaml.new")
    yaml = YAML(typ="rt")
    yaml.width = 120
    with fresh.open("w", encoding="utf-8") as out:
        yaml.dump(data, out)
    fresh.replace(path)
    return path


def _present(path: Path) -> Any:
    if not path.is_file():
        data = CommentedMap()
        data.yaml_set_start_comment(_HEAD)
        return data
    try:
        return deepcopy(tree(path.read_text(encoding="utf-8"), shown=FILE, code="OUT-206"))  # it will be changed
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("OUT-206", f"{FILE} cannot be read: {error}", help="save it as UTF-8 text") from None


def _section(mapping: Mapping) -> CommentedMap:
    section = CommentedMap()
    section["columns"] = CommentedMap(mapping.columns)
    for name in ("date_order", "decimal", "currency"):
        value = getattr(mapping, name)
        if value is not None:
            section[name] = value
    return section
