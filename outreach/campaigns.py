"""Which campaigns does this shop run? config/campaigns/*.yaml, checked: one file, one campaign."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from outreach.core.errors import Misuse, Place
from outreach.core.terms import UNASKED, Campaign, Channel, FactType, Kind, LegalClass, StartedBy
from outreach.documents import Document, load, position, tree
from outreach.quantities import Country, Days, Share

FOLDER = "config/campaigns"
#: Rules about money spent or rank do not exist; asking for one is refused by name (product.md, belief 1).
SPEND_WORDS = re.compile(
    r"spen[dt]|revenue|margin|tier|\bvip\b|lifetime|\bltv\b|\brank|score|order_?count|total_?value"
)
SCALARS = ("text", "number", "date", "time", "money", "link", "code")
RECORDS = ("order", "item", "product", "model", "offer", "remedy", "tip", "repair", "promise", "hazard", "kept_promise")
FACT_TYPES = SCALARS + RECORDS


def fact_type(text: Any) -> FactType:
    """`text?` -> may miss; `order[]` -> many."""
    found = re.fullmatch(r"([a-z_]+)(\[\])?(\?)?", str(text).strip())
    if not found or found[1] not in FACT_TYPES:
        raise ValueError(
            f"is not a type; types are {', '.join(FACT_TYPES)}, with [] for a list and ? for may be missing"
        )
    return FactType(found[1], many=bool(found[2]), may_miss=bool(found[3]))


class _Pace(Document):
    """After `after` of this campaign's messages, the next comes at most every `every`."""

    after: int = Field(ge=0)
    every: Days


class _Legal(Document):
    usual: LegalClass = Field(alias="class")
    stricter_in: dict[Country, LegalClass] = {}


class _File(Document):
    title: str
    kind: Kind
    scan: str = Field(default="", pattern=r"^([a-z][a-z0-9_]*)?$")
    started_by: StartedBy = StartedBy.NIGHT
    found_when: str
    priority: int = Field(ge=1, le=999)
    channels: tuple[Channel, ...] = Field(min_length=1)
    legal: _Legal
    params: dict[str, Any] = {}
    facts: dict[str, Annotated[Any, BeforeValidator(fact_type)]] = {}
    answers: tuple[Annotated[str, Field(pattern=r"^[a-z_]+$")], ...] = ()
    once_per: str = "subject"
    rest: Days = 0
    useful_for: Days = 7
    holdback: Share = 0.0
    pace: _Pace | None = None
    unprompted: bool = True
    on: bool = True

    @model_validator(mode="after")
    def _manners_fit_the_kind(self) -> "_File":
        if self.kind not in UNASKED and (self.holdback or self.rest):
            raise ValueError(f"a {self.kind} campaign has no rest and no holdback: its customers are owed the message")
        return self

    @model_validator(mode="after")
    def _something_starts_it(self) -> "_File":
        """An answer follows the customer's own word (settled 22), never a scan; and nothing else may say it does."""
        if (self.kind is Kind.ANSWER) != (self.started_by is StartedBy.REPLY):
            raise ValueError("kind: answer and started_by: reply belong together; one does not go without the other")
        if self.started_by is StartedBy.NIGHT and not self.scan:
            raise ValueError("the night needs a scan to know whom it is for; else say started_by: reply or person")
        if self.started_by is not StartedBy.NIGHT and (self.scan or self.params):
            raise ValueError(f"it is started by {self.started_by}, so it has no scan and no params")
        return self


def read_campaigns(project: Path) -> dict[str, Campaign]:
    """Every campaign file by name, `on` or off, in order of priority. Raises Misuse naming file:line:column."""
    folder = project / FOLDER
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise Misuse("OUT-602", f"no campaign in {FOLDER}", help="outreach init    (copies the shipped ones)")
    found = [_read(path) for path in paths]
    return {c.name: c for c in sorted(found, key=lambda c: (c.priority, c.name))}


def _read(path: Path) -> Campaign:
    shown = f"{FOLDER}/{path.name}"
    _refuse_spend(path, shown)
    file = load(path, _File, shown=shown, code="OUT-602")
    return Campaign(
        name=path.stem,
        title=file.title,
        kind=file.kind,
        scan=file.scan,
        found_when=file.found_when,
        priority=file.priority,
        channels=tuple(dict.fromkeys(file.channels)),
        params=deepcopy(file.params),  # a scan may change what it is given
        facts=dict(file.facts),
        legal=file.legal.usual,
        legal_in=dict(file.legal.stricter_in),
        answers=file.answers,
        once_per=file.once_per,
        rest_days=file.rest,
        useful_days=file.useful_for,
        holdback=file.holdback,
        pace_after=file.pace.after if file.pace else 0,
        pace_days=file.pace.every if file.pace else 0,
        unprompted=file.unprompted,
        on=file.on,
        file=shown,
        started_by=file.started_by,
    )


def _refuse_spend(path: Path, shown: str) -> None:
    """A rule on spend or rank is refused with its own words, wherever it stands in the file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    data = tree(text, shown=shown, code="OUT-602")
    if not isinstance(data, dict):
        return  # no campaign at all: reading it says so
    params = data.get("params")
    keys = [(key,) for key in data] + [("params", key) for key in (params if isinstance(params, dict) else ())]
    for where in keys:
        if SPEND_WORDS.search(str(where[-1]).lower()):
            line, column = position(data, where, of_key=True)
            place = Place(shown, line + 1, column + 1, text.splitlines()[line], len(str(where[-1])))
            message = f'"{where[-1]}" is not a rule we have. Every customer is treated the same'
            raise Misuse("OUT-610", message, place=place)
