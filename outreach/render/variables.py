"""Which names may a template of this campaign use, of what type, and which may be missing?

One source: the check of templates, the contexts of rendering and `outreach variables` all read this schema.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from outreach.core.terms import Campaign, FactType
from outreach.render.problems import Refusal

Fields = Mapping[str, FactType]

_RECORDS = {
    "customer": "first_name text?, full_name text?, language code, country code?, since date?",
    "shop": "name text, signer text, reply_to text, postal_address text, phone text?, answers_within text",
    "links": "stop link, choose link, help link",
    "give": "title text?, text text?, link link?",
    "order": (
        "number text, placed_on date, promised_on date?, delivered_on date?, shipped_on date?, carrier text?, "
        "items item[], main_item item?, days_late number?, new_date date?, late_reason text?"
    ),
    "item": "name text, quantity number, care_link link?",
    "product": "name text, bought_on date, supported_until date?",
    "model": "name text, released_on date?, what_changed text[], not_changed text[], link link?",
    "offer": "price money, usual_price money?, saving money?, ends_on date?, keep_if text, link link?",
    "remedy": "text text?, amount money?",
    "tip": "title text?, text text, link link?",
    "repair": "link link?",
    "promise": "answer_by time, answer_on date",
    "hazard": "text text, what_to_do text, link link?",
    "kept_promise": "what text, kept_on date?",
    "loop": "first flag, last flag, index number",
}
#: There in every campaign, beside `answer`, whose parts are the campaign's own answers.
ALWAYS = {"customer": "customer", "shop": "shop", "link": "links", "give": "give", "today": "date"}
#: Types that are one printable value.
SCALARS = frozenset({"text", "number", "date", "time", "money", "link", "code"})
_SAME = "every customer is treated the same, whatever they spend"
_PRIVATE = "we do not use what people never gave us for this"
ON_PURPOSE = (
    (re.compile(r"spen[dt]|revenue|margin|lifetime|ltv$|total|order_?count|orders_made|value$"), _SAME),
    (re.compile(r"^tier|score|rank|^vip|segment|loyalty"), _SAME),
    (re.compile(r"predict|churn|likel|propensity|risk"), "a guess about a person is not a fact we may write"),
    (re.compile(r"open(s|ed|_rate)?$|click"), "we do not watch who reads our messages"),
    (re.compile(r"gender|^sex$|^age$|birth|religion|income"), _PRIVATE),
    (re.compile(r"stock|only_left|units_left|countdown"), "we do not hurry people"),
    (re.compile(r"other_customers?|friends?$"), "a customer's name belongs to that customer"),
)


def typed(text: str) -> FactType:
    """`item[]` -> many; `date?` -> may miss."""
    return FactType(text.rstrip("?[]"), many="[]" in text, may_miss=text.endswith("?"))


def _fields(text: str) -> dict[str, FactType]:
    return {name: typed(kind) for name, kind in (part.split() for part in text.split(","))}


def schema_of_shop() -> dict[str, FactType]:
    """What may be said about the shop, in templates and in layouts."""
    return _fields(_RECORDS["shop"])


@dataclass(frozen=True, slots=True)
class Schema:
    """`names`: what stands at the top. `records`: the parts of each record type, as this campaign sees them."""

    names: Fields
    records: Mapping[str, Fields]

    def step(self, kind: FactType, part: str) -> FactType | None:
        """The type of `part` in a value of type `kind`; None if there is no such part."""
        return None if kind.many else self.records.get(kind.name, {}).get(part)

    def paths(self) -> Iterator[tuple[str, FactType]]:
        """Every dotted name with its type, two steps into records: what `outreach variables` prints."""
        for name, kind in self.names.items():
            yield from self._below(name, kind, depth=2)

    def _below(self, path: str, kind: FactType, *, depth: int) -> Iterator[tuple[str, FactType]]:
        yield path, kind
        if depth and not kind.many:
            for part, inner in self.records.get(kind.name, {}).items():
                yield from self._below(f"{path}.{part}", inner, depth=depth - 1)


def schema_of(campaign: Campaign) -> Schema:
    """The schema of one campaign, from its typed facts. A dotted fact says a part is always there."""
    records = {name: _fields(text) for name, text in _RECORDS.items()}
    records["answer"] = {name: FactType("link") for name in campaign.answers}
    names = {name: FactType(kind) for name, kind in ALWAYS.items()}
    names["answer"] = FactType("answer")
    for name, kind in campaign.facts.items():
        owner, _, part = name.partition(".")
        if not part:
            names[name] = kind
        elif owner in campaign.facts:
            records[campaign.facts[owner].name][part] = kind
    return Schema(names, records)


def unknown(schema: Schema, path: str) -> Refusal:
    """The refusal for a name that does not exist: on purpose (OUT-130), or a slip of the pen (OUT-112)."""
    for pattern, reason in ON_PURPOSE:
        if any(pattern.search(part) for part in path.split(".")):
            message = f"`{path}` is not there, on purpose"
            return Refusal("OUT-130", message, needle=path, facts=(reason,), help="say something true of what they own")
    known = dict(schema.paths())
    close = difflib.get_close_matches(path, known, 1, 0.6)
    facts = (f"did you mean `{close[0]}`? ({said(known[close[0]])})",) if close else ()
    return Refusal("OUT-112", f"`{path}` does not exist", needle=path, facts=facts)


def said(kind: FactType) -> str:
    """`list of item`, `date, may be missing`."""
    return f"{'list of ' if kind.many else ''}{kind.name}{', may be missing' if kind.may_miss else ''}"
