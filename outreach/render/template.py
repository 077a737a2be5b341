"""What is one revision of one template, ready to write to anyone?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import jinja2

from outreach.core.terms import Channel
from outreach.render.contexts import Shaper, person_name
from outreach.render.links import Links, reference
from outreach.render.marks import Mark

#: A control letter that no value and no template can hold.
BETWEEN = "\x1e"
#: Campaign, channel, language, variant.
Key = tuple[str, Channel, str, str | None]


class Recipient(NamedTuple):
    """The person written to. `since_on`: first bought; `zone`: an IANA name."""

    first_name: str | None
    last_name: str | None
    language: str
    country: str | None
    since_on: date | None
    zone: str
    contact_point_id: int


class Occasion(NamedTuple):
    """About what, and on which day of the customer's own calendar. `subject_key` ties an answer to the message."""

    today: date
    subject_key: str


@dataclass(frozen=True, slots=True)
class Program:
    """A revision compiled. `names`: top-level names it reads; `literals`: its own words.

    `must`: what a finished message has to hold: the postal address as HTML and as text, or of a text the shop's name
    and the words that stop it. `whole` gives a text; or subject, HTML and text of an email with BETWEEN between them.
    """

    whole: jinja2.Template
    marks: tuple[Mark, ...]
    shaper: Shaper
    names: frozenset[str]
    answers: tuple[str, ...]
    shop: Any
    from_name: str
    reply_to: str
    must: tuple[str, str]
    literals: str


@dataclass(frozen=True, slots=True)
class Template:
    """One revision. `revision`: SHA-256 over everything that decides its bytes; `skeleton`: what its contents share."""

    campaign: str
    channel: Channel
    language: str
    variant: str | None
    file: str
    source: str
    revision: str
    skeleton: bytes
    uses: frozenset[str]
    program: Program = field(repr=False, compare=False)

    @property
    def key(self) -> Key:
        """Where it stands in the catalogue."""
        return (self.campaign, self.channel, self.language, self.variant)


def context(
    template: Template, facts: Mapping[str, Any], *, recipient: Recipient, occasion: Occasion, links: Links
) -> dict[str, Any]:
    """The frozen objects one rendering reads: only the top-level names this template uses.

    Raises RenderProblem (OUT-117) for a fact of the wrong shape.
    """
    program = template.program
    made: dict[str, Any] = {"today": occasion.today, "_zone": recipient.zone, "shop": program.shop}
    for name in program.names:
        if name == "customer":
            found: Any = _customer(recipient)
        elif name == "link":
            stop = links.stop(recipient.contact_point_id)
            found = {"stop": stop, "choose": stop, "help": f"mailto:{program.reply_to}"}
        elif name == "answer":
            about = reference(template.campaign, occasion.subject_key)
            found = links.answers(recipient.contact_point_id, about, program.answers)
        else:
            found = _fact(name, facts)
        made[name] = program.shaper.shape(name, found)
    return made


def _customer(recipient: Recipient) -> dict[str, Any]:
    first, last = person_name(recipient.first_name), person_name(recipient.last_name)
    return {
        "first_name": first,
        "full_name": f"{first} {last}" if first and last else first,
        "language": recipient.language,
        "country": recipient.country,
        "since": recipient.since_on,
    }


def _fact(name: str, facts: Mapping[str, Any]) -> Any:
    """`order` is the first of `orders`, and `orders` is at least `order`, whichever was stored."""
    found = facts.get(name)
    if found is None and name == "order":
        return next(iter(facts.get("orders") or ()), None)
    if not found and name == "orders":
        return [facts["order"]] if facts.get("order") else []
    return found
