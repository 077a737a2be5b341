"""What may a template of this campaign use, of what type, what may be missing, and what does it look like?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from outreach.core.errors import Misuse
from outreach.core.terms import Campaign, FactType
from outreach.documents import suggest
from outreach.flows.app import App
from outreach.render import glossary
from outreach.render.contexts import Shaper
from outreach.render.examples import ExampleLinks
from outreach.render.formats import amount, clock, locale_of, long_date
from outreach.render.people import AwkwardPerson, people
from outreach.render.template import Recipient
from outreach.render.variables import ON_PURPOSE, SCALARS, Schema, said, schema_of

#: What a search may be after that is not there, and why (OUT-130).
NOT_THERE = "customer.{}"


@dataclass(frozen=True, slots=True)
class Variable:
    """One name. `kind` in words (`list of item`); `written`: how it is printed; `below`: parts of one of a list."""

    name: str
    kind: str
    may_miss: bool
    example: str
    note: str
    written: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What one campaign's templates may use. `why_not`: a searched word that is left out on purpose, and the reason."""

    campaign: str
    title: str
    variables: tuple[Variable, ...]
    why_not: str | None = None


def variables(app: App, campaign: str | None = None, search: str = "") -> list[Listed]:
    """The variables of one campaign, or of all; `search`: only those with the word in them. Misuse (OUT-620)."""
    if campaign is not None and campaign not in app.campaigns:
        near = suggest(campaign, list(app.campaigns))
        facts = tuple(filter(None, (near, f"there are {', '.join(app.campaigns)}")))
        raise Misuse("OUT-620", f'no campaign is called "{campaign}"', facts=facts, help="outreach variables")
    example = _usual(app)
    wanted = [app.campaigns[campaign]] if campaign else list(app.campaigns.values())
    return [_listed(app, one, search.strip().lower(), example) for one in wanted]


def _usual(app: App) -> AwkwardPerson:
    found = people(app.project)
    return found.get("two-given-names") or next(iter(found.values()))


def _listed(app: App, campaign: Campaign, search: str, example: AwkwardPerson) -> Listed:
    schema = schema_of(campaign)
    values = _values(app, campaign, schema, example)
    every = _walk(app, schema, values)
    chosen = tuple(v for v in every if not search or search in f"{v.name} {v.note} {v.kind}".lower())
    reason = next((why for pattern, why in ON_PURPOSE if search and pattern.search(search)), None)
    return Listed(campaign.name, campaign.title, chosen, reason)


def _values(app: App, campaign: Campaign, schema: Schema, person: AwkwardPerson) -> dict[str, Any]:
    """What the example person has under each top-level name."""
    links = ExampleLinks.like(app.links, app.secrets.token_keys)
    shop, who = app.house.shop, person.recipient
    own = {
        "customer": _customer(who),
        "shop": {
            "name": shop.name,
            "signer": shop.signer.name,
            "reply_to": shop.signer.email,
            "postal_address": shop.postal_address,
            "phone": shop.phone,
            "answers_within": shop.answers_within,
        },
        "link": {"stop": links.stop(0), "choose": links.stop(0), "help": f"mailto:{shop.signer.email}"},
        "answer": links.answers(0, "example", campaign.answers),
        "today": person.occasion.today,
    }
    shaper = Shaper(schema)
    given = {**person.facts(campaign), **own}
    return {name: shaper.shape(name, given.get(name)) for name in schema.names}


def _customer(who: Recipient) -> dict[str, Any]:
    return {
        "first_name": who.first_name,
        "full_name": " ".join(filter(None, (who.first_name, who.last_name))),
        "language": who.language,
        "country": who.country,
        "since": who.since_on,
    }


def _walk(app: App, schema: Schema, values: dict[str, Any]) -> Iterator[Variable]:
    """Every name with its parts, two steps deep; of a list, the parts of one."""
    for name, kind in schema.names.items():
        yield from _below(app, schema, (name, None, name), kind, values[name])


def _below(app: App, schema: Schema, at: tuple[str, str | None, str], kind: FactType, value: Any) -> Iterator[Variable]:
    path, owner, name = at
    yield _variable(app, path, kind, value, glossary.note(owner, name))
    if path.count(".") >= 2 or kind.name in SCALARS:
        return
    one = (value[0] if value else None) if kind.many else value
    if kind.many:
        path = f"{path}[]"
    for part, inner in schema.records.get(kind.name, {}).items():
        there = getattr(one, part, None) if one is not None else None
        yield from _below(app, schema, (f"{path}.{part}", kind.name, part), inner, there)


def _variable(app: App, path: str, kind: FactType, value: Any, note: str) -> Variable:
    plain = FactType(kind.name, many=kind.many)
    written = "" if kind.many else glossary.WRITTEN.get(kind.name, "")
    return Variable(path, said(plain), kind.may_miss, _example(app, kind, value), note, written, below="[]" in path)


def _example(app: App, kind: FactType, value: Any) -> str:
    if value is None or value == ():
        return ""
    if kind.many:
        return f"{len(value)} of them"
    locale = locale_of(app.house.shop.language, app.house.shop.country)
    if kind.name == "date":
        return long_date(value, locale)
    if kind.name == "money":
        return amount(value, locale)
    if kind.name == "time":
        return clock(value, locale)
    return str(value) if kind.name in SCALARS else ""
