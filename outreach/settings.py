"""What did the operator decide? config/outreach.yaml and the secrets, checked before anything else runs."""

import os
import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from outreach.core.endpoints import callable_url
from outreach.core.errors import Misuse, Place
from outreach.core.shop import Hours, House, Limits, Monitor, Person, Secrets, Sender, Sending, Shop
from outreach.core.terms import Channel, Mode
from outreach.documents import Document, load
from outreach.quantities import Country, Days, Mailbox, Mobile, PerDays, PerPart, Region, Window
from outreach.settings_replies import RepliesSection
from outreach.settings_wishes import WishesSection

FILE = "config/outreach.yaml"
DEFAULT_DATABASE = ".outreach/outreach.db"
DATABASE = "OUTREACH_DATABASE_URL"


class _Shop(Document):
    name: str = Field(min_length=1, max_length=60)
    zone: str
    country: Country
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    language: str
    postal_address: str = Field(min_length=10)
    signer: str | None = None
    answers_within: str = "one working day"
    phone: str | None = None
    links: tuple[str, ...] = ()

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone; use a name like Europe/London") from None
        return value


class _Person(Document):
    name: str
    email: str


class _EmailSender(Document):
    address: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    provider: Literal["outbox", "sendgrid", "smtp"] = "outbox"
    per_second: float | None = Field(default=None, gt=0)


class _TextSender(Document):
    number: str = Field(pattern=r"^(\+[1-9]\d{6,14}|[A-Za-z0-9 ]{1,11}|MG[0-9a-fA-F]{32})$")
    cost_per_part: PerPart = None
    provider: Literal["outbox", "twilio"] = "outbox"
    per_second: float | None = Field(default=None, gt=0)


class _Senders(Document):
    email: _EmailSender
    text: _TextSender | None = None


class _Send(Document):
    mode: Mode = Mode.OUTBOX
    hours: Window = Hours(time(9), time(20))
    hours_in: dict[Region, Window] = {}
    max_per_night: int | None = Field(default=200, ge=1)
    strict: bool = False
    after_timeout: Literal["never_twice", "look_first"] = "never_twice"


class _Caps(Document):
    marketing: PerDays = (4, 30)
    unprompted_per_year: int = Field(default=6, ge=1)
    quiet_after_late: Days = 14


class _Start(Document):
    on: date | None = Field(default=None, alias="from")
    backlog_per_night: int = Field(default=0, ge=0)


class _Languages(Document):
    missing: Literal["default", "skip"] = "default"


class _Pages(Document):
    base_url: str = "http://127.0.0.1:8076"


class _Team(Document):
    email: tuple[Mailbox, ...] = ()
    text: tuple[Mobile, ...] = ()


class _Templates(Document):
    review: bool = False


class _Monitor(Document):
    ping_url: str = ""
    worker_ping_url: str = ""

    @field_validator("ping_url", "worker_ping_url")
    @classmethod
    def _may_be_called(cls, value: str) -> str:
        if value and not callable_url(value):
            raise ValueError("is not an https address (http is for this machine only)")
        return value


class _Retention(Document):
    keep_contents: Days = 90


class _File(Document):
    shop: _Shop
    people: dict[str, _Person] = Field(min_length=1)
    senders: _Senders
    send: _Send = _Send()
    caps: _Caps = _Caps()
    start_line: _Start = _Start()
    languages: _Languages = _Languages()
    pages: _Pages = _Pages()
    retention: _Retention = _Retention()
    monitor: _Monitor = _Monitor()
    team: _Team = _Team()
    templates: _Templates = _Templates()
    replies: RepliesSection = RepliesSection()
    wishes: WishesSection = WishesSection()

    @model_validator(mode="after")
    def _signer_is_known(self) -> "_File":
        if self.shop.signer is not None and self.shop.signer not in self.people:
            raise ValueError(f'shop.signer "{self.shop.signer}" is not one of people: {", ".join(self.people)}')
        return self


def read_house(project: Path) -> House:
    """The checked configuration of a project folder. Raises Misuse (OUT-601) naming file:line:column."""
    file = load(project / FILE, _File, shown=FILE)
    people = {key: Person(key, p.name, p.email) for key, p in file.people.items()}
    email, text = file.senders.email, file.senders.text
    senders = {Channel.EMAIL: Sender(email.address, email.provider, per_second=email.per_second)}
    if text:
        senders[Channel.TEXT] = Sender(text.number, text.provider, text.cost_per_part, text.per_second)
    return House(
        shop=_shop(file, people),
        limits=_limits(file),
        senders=senders,
        mode=file.send.mode,
        keep_contents_days=file.retention.keep_contents,
        team={Channel.EMAIL: file.team.email, Channel.TEXT: file.team.text},
        review_templates=file.templates.review,
        monitor=Monitor(file.monitor.ping_url, file.monitor.worker_ping_url),
        sending=Sending(file.send.strict, file.send.after_timeout == "look_first"),
        replies=file.replies.replies(_signer(file, people).email),
        wishes=file.wishes.wishes(),
    )


def _signer(file: _File, people: dict[str, Person]) -> Person:
    return people[file.shop.signer] if file.shop.signer else next(iter(people.values()))


def _shop(file: _File, people: dict[str, Person]) -> Shop:
    return Shop(
        name=file.shop.name,
        zone=file.shop.zone,
        country=file.shop.country,
        currency=file.shop.currency,
        language=file.shop.language,
        postal_address=file.shop.postal_address,
        signer=_signer(file, people),
        people=people,
        answers_within=file.shop.answers_within,
        phone=file.shop.phone,
        base_url=file.pages.base_url.rstrip("/"),
        hosts=file.shop.links,
        missing_language=file.languages.missing,
    )


def _limits(file: _File) -> Limits:
    count, per = file.caps.marketing
    return Limits(
        hours=file.send.hours,
        hours_in=dict(file.send.hours_in),
        marketing_cap=count,
        marketing_cap_days=per,
        enough=file.caps.unprompted_per_year,
        late_quiet_days=file.caps.quiet_after_late,
        max_per_night=file.send.max_per_night,
        start_on=file.start_line.on,
        backlog_per_night=file.start_line.backlog_per_night,
    )


def read_environment(project: Path) -> dict[str, str]:
    """The environment over PROJECT/.env (KEY=value lines, # comments). Raises Misuse naming the bad line."""
    values: dict[str, str] = {}
    path = project / ".env"
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Misuse("OUT-603", f".env cannot be read: {said}", place=Place(".env")) from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not re.fullmatch(r"\s*[A-Z][A-Z0-9_]*\s*", key):
            place = Place(".env", number, 1)  # never the line itself: it may hold a key
            raise Misuse("OUT-603", "this line is not KEY=value", place=place)
        values[key.strip()] = value.strip().strip("\"'")
    return {**values, **os.environ}


def read_secrets(environment: dict[str, str]) -> Secrets:
    """The three keys of this installation. Raises Misuse (OUT-604) naming the one that is missing or too short."""
    found: dict[str, bytes] = {}
    for name in ("OUTREACH_PEPPER", "OUTREACH_TOKEN_KEYS", "OUTREACH_HOLDOUT_SALT"):
        value = environment.get(name, "")
        if len(value) < 32:
            raise Misuse(
                "OUT-604",
                f"{name} is {'too short' if value else 'not set'}",
                facts=("it belongs in .env of the project, which `outreach init` writes",),
                help="restore .env from the backup that belongs to this database; only a new project may make new keys",
            )
        found[name] = value.encode()
    tokens = tuple(found["OUTREACH_TOKEN_KEYS"].split(b","))
    return Secrets(found["OUTREACH_PEPPER"], tokens, found["OUTREACH_HOLDOUT_SALT"])


def database_url(project: Path, environment: dict[str, str]) -> str:
    """OUTREACH_DATABASE_URL, else SQLite in PROJECT/.outreach."""
    return environment.get(DATABASE) or f"sqlite:///{project / DEFAULT_DATABASE}"
