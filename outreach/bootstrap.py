"""How is everything wired together? In the open, once, into a frozen App that is passed by argument."""

import functools
import hashlib
import importlib.util
import inspect
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from outreach.campaigns import read_campaigns
from outreach.core.errors import Misuse, Place
from outreach.core.shop import House, Secrets
from outreach.core.terms import Campaign, Channel
from outreach.documents import position, suggest, tree
from outreach.flows import failpoint
from outreach.flows.answer_words import AnswerWords
from outreach.flows.app import App, Scan
from outreach.flows.review import only_reviewed
from outreach.providers import listening
from outreach.providers.choosing import chosen, lists
from outreach.providers.listening import Ears
from outreach.providers.outbox import Outbox
from outreach.render import catalogue
from outreach.render.catalogue import Catalogue
from outreach.render.links import Links
from outreach.settings import FILE, database_url, read_environment, read_house, read_secrets
from outreach.store import audits, versions
from outreach.store.engine import migrate, open_engine, reading, writing
from outreach.store.shop import Need
from outreach.wishes_words import load_words

SCANS = "jobs/scans"
#: What a scan may say it takes -> what a campaign file may write for it, and its name in words.
_PARAMS: dict[Any, tuple[Any, str]] = {
    int: ((int, float), "number"),
    float: ((int, float), "number"),
    date: (date, "date"),
    str: (str, "text"),
    list[str]: (list, "list"),
}


def build(project: Path) -> App:
    """The whole program over one project folder, its database up to date. Raises Misuse before anything is decided."""
    if not (project / FILE).is_file():
        said = f"this folder is no project: {FILE} is not there"
        raise Misuse("OUT-601", said, help="outreach init    (makes one here)\nor name one: outreach -C FOLDER ...")
    house = read_house(project)
    campaigns = read_campaigns(project)
    environment = read_environment(project)
    secrets = read_secrets(environment)
    scans = _scans(project, campaigns)
    failpoint.arm(environment.get("OUTREACH_FAIL_AT", ""))
    engine = open_engine(database_url(project, environment))
    if house.sending.strict and engine.dialect.name == "sqlite":
        raise Misuse("OUT-431", "send.strict needs PostgreSQL", help="send.strict: false")
    migrate(engine)
    _same_secrets(engine, secrets)
    return App(
        project=project,
        house=house,
        secrets=secrets,
        campaigns=campaigns,
        scans=scans,
        engine=engine,
        load_catalogue=functools.cache(lambda: _catalogue(project, campaigns, house, engine)),
        answer_words=AnswerWords(lambda name: _catalogue(project, {name: campaigns[name]}, house, engine)),
        load_words=functools.cache(lambda: load_words(project)),
        links=_links(house, secrets),
        providers=chosen(house, environment, Outbox(project / ".outreach" / "outbox")),
        load_doors=functools.cache(lambda: listening.doors(Ears(environment, house.shop.base_url))),
        lists=lists(house, environment),
    )


def _links(house: House, secrets: Secrets) -> Links:
    sender = house.senders[Channel.EMAIL].address
    return Links(secrets.token_keys, house.shop.base_url, mailbox=sender, replies=house.replies.address)


def _catalogue(project: Path, campaigns: Mapping[str, Campaign], house: House, engine: sa.Engine) -> Catalogue:
    """Tonight's templates; where a second person has to read them, only those one has read."""
    found = catalogue.load(project, campaigns, house.shop)
    if not house.review_templates:
        return found
    with reading(engine) as c:
        return only_reviewed(found, versions.reviewed(c))


def _scans(project: Path, campaigns: Mapping[str, Campaign]) -> dict[str, Scan]:
    """The scans the campaigns name, loaded by path from the project's jobs/scans (settled 39)."""
    found: dict[str, Scan] = {}
    for campaign in (c for c in campaigns.values() if c.scan):
        if campaign.scan not in found:
            found[campaign.scan] = _scan(project, campaign)
        _check_params(project, campaign, found[campaign.scan])
    return found


def _scan(project: Path, campaign: Campaign) -> Scan:
    path = project / SCANS / f"{campaign.scan}.py"
    if not path.is_file():
        known = sorted(p.stem for p in (project / SCANS).glob("[a-z]*.py"))
        facts = tuple(filter(None, (suggest(campaign.scan, known), f"there are {', '.join(known)}" if known else "")))
        said = f'there is no scan "{campaign.scan}" in {SCANS}'
        raise Misuse("OUT-611", said, place=_place(project, campaign, ("scan",)), facts=facts)
    module = _module(path)
    build = getattr(module, "scan", None)
    needs = getattr(module, "NEEDS", ())
    if not callable(build) or not all(isinstance(need, Need) for need in needs):
        said = f"{SCANS}/{path.name} needs a function scan(night, ...) and NEEDS, a tuple of Need"
        raise Misuse("OUT-612", said, help="docs/adding-a-campaign.md shows one")
    takes = inspect.signature(build).parameters.values()
    asks = tuple(p.name for p in takes if p.kind is p.KEYWORD_ONLY and p.default is p.empty)
    return Scan(campaign.scan, tuple(needs), build, asks)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"jobs.scans.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError) as error:
        said = f"{SCANS}/{path.name} cannot be loaded: {type(error).__name__}: {error}"
        raise Misuse("OUT-612", said, place=Place(f"{SCANS}/{path.name}", getattr(error, "lineno", 0) or 0)) from error
    return module


def _check_params(project: Path, campaign: Campaign, scan: Scan) -> None:
    """Each parameter is one the scan takes, of the kind it takes, and none that it needs is left out."""
    takes = {n: p for n, p in inspect.signature(scan.build).parameters.items() if p.kind is p.KEYWORD_ONLY}
    for name, value in campaign.params.items():
        if name not in takes:
            facts = tuple(filter(None, (suggest(name, list(takes)), f"{scan.name} takes {', '.join(takes) or 'none'}")))
            said = f'"{name}" is no parameter of {scan.name}'
            raise Misuse("OUT-611", said, place=_place(project, campaign, ("params", name)), facts=facts)
        kinds, kind = _PARAMS.get(takes[name].annotation, (object, "value"))
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not object):
            said = f"{name}: {value!r} is not a {kind}, and {scan.name} takes one"
            raise Misuse("OUT-611", said, place=_place(project, campaign, ("params", name)))
    lacking = [name for name in scan.asks if name not in campaign.params]
    if lacking and campaign.on:  # in the drawer it may wait for them
        said = f'{scan.name} needs the parameter "{lacking[0]}"'
        raise Misuse("OUT-611", said, place=_place(project, campaign, ("params",)))


def _place(project: Path, campaign: Campaign, where: tuple[str, ...]) -> Place:
    text = (project / campaign.file).read_text(encoding="utf-8")
    line, column = position(tree(text, shown=campaign.file, code="OUT-602"), where, of_key=len(where) > 1)
    return Place(campaign.file, line + 1, column + 1, text.splitlines()[line])


def _same_secrets(engine: sa.Engine, secrets: Secrets) -> None:
    """The database knows a fingerprint of each key; another key would silently forget every wish (settled 23)."""
    prints = {
        "OUTREACH_PEPPER": _fingerprint(secrets.pepper),
        "OUTREACH_HOLDOUT_SALT": _fingerprint(secrets.holdout_salt),
        "OUTREACH_TOKEN_KEYS": ",".join(_fingerprint(key) for key in secrets.token_keys),
    }
    with reading(engine) as c:
        known = {name: audits.declared(c, f"fingerprint:{name}") for name in prints}
    news = {name: mark for name, mark in prints.items() if mark != known[name]}
    for name, mark in news.items():
        before = known[name]
        rotated = name == "OUTREACH_TOKEN_KEYS" and before is not None and before.split(",")[0] in mark.split(",")
        if before is not None and not rotated:
            raise Misuse(
                "OUT-608",
                f"{name} is not the one this database was made with",
                facts=("with another key every opt-out would be forgotten, so nothing was decided",),
                help="restore the .env that belongs to this database",
            )
    if news:  # nearly always nothing: looking takes no write lock from a night that is running
        with writing(engine) as c:
            for name, mark in news.items():
                audits.declare(c, f"fingerprint:{name}", mark)


def _fingerprint(secret: bytes) -> str:
    return hashlib.sha256(b"fingerprint|" + secret).hexdigest()[:16]
