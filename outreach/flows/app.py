"""What does a flow need to know of the outside? Built once, in the open, by `bootstrap`; passed by argument."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.posts import Doors
from outreach.core.shop import House, Secrets
from outreach.core.terms import Campaign, Channel, Mode
from outreach.core.wording import Words
from outreach.flows.answer_words import AnswerWords
from outreach.providers.base import Lists, Provider
from outreach.render.catalogue import Catalogue
from outreach.render.links import Links
from outreach.store.people import AsOf
from outreach.store.shop import Need


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan file: what records it needs, and the pure function from a night to a Select.

    `asks`: the parameters it cannot do without.
    """

    name: str
    needs: tuple[Need, ...]
    build: Callable[..., sa.Select[Any]]
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class App:
    """Everything outside a flow. `campaigns` holds every campaign, on or off.

    `load_catalogue` reads the templates, once, when somebody needs them: a wish is taken down though one is broken.
    `load_words` reads the words we listen for, once, when somebody wrote.
    """

    project: Path
    house: House
    secrets: Secrets
    campaigns: dict[str, Campaign]
    scans: dict[str, Scan]
    engine: sa.Engine
    load_catalogue: Callable[[], Catalogue]
    answer_words: AnswerWords
    load_words: Callable[[], Words]
    links: Links
    providers: Mapping[Channel, Provider]
    load_doors: Callable[[], Doors] = lambda: Doors(())  # where providers post to us, by the keys that are set
    lists: Mapping[Channel, Lists] = field(default_factory=dict)  # the vendors' own, where they keep one

    @property
    def catalogue(self) -> Catalogue:
        """Tonight's templates. Raises Misuse (OUT-139) when nothing can be written at all."""
        return self.load_catalogue()

    @property
    def words(self) -> Words:
        """The words we listen for. Raises Misuse (OUT-507) for a config/keywords.yaml that cannot be used."""
        return self.load_words()

    def at(self, engine: sa.Engine) -> "App":
        """The same shop over another database (a scratch copy)."""
        return replace(self, engine=engine)


def start_of_day(app: App, day: date) -> datetime:
    """The instant a day begins in the shop's zone."""
    return datetime.combine(day, time(0), ZoneInfo(app.house.shop.zone))


def shop_day(app: App, moment: datetime) -> date:
    """The shop's local day at an instant."""
    return moment.astimezone(ZoneInfo(app.house.shop.zone)).date()


def look_from(app: App, night: date, mode: Mode) -> AsOf:
    """What the gates may know on a night."""
    return AsOf(
        night=night,
        mode=mode,
        known_before=start_of_day(app, night),
        shop_country=app.house.shop.country,
        late_quiet_days=app.house.limits.late_quiet_days,
    )


def offset_to(app: App, night: date, moment: datetime) -> timedelta:
    """How far a past night's clock stands from the real one: its small hours, 02:30 in the shop's zone."""
    begins = datetime.combine(night, time(2, 30), ZoneInfo(app.house.shop.zone))
    return timedelta(seconds=round((begins - moment).total_seconds()))


def channels_of(app: App, campaign: Campaign) -> tuple[Channel, ...]:
    """The campaign's channels the shop has a sender for."""
    return tuple(channel for channel in campaign.channels if channel in app.house.senders)
