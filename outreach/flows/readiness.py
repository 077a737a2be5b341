"""What stands in the way of the chosen mode? `live` is refused until every check passes (product.md)."""

import asyncio
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from outreach.core.checks import Check
from outreach.core.endpoints import loopback
from outreach.core.errors import Misuse
from outreach.core.terms import Channel, Mode
from outreach.flows import ways_in
from outreach.flows.app import App, shop_day
from outreach.providers.base import Provider, Verdict
from outreach.store import audits, gaps, reports, runs
from outreach.store.engine import now, reading

#: What team mode cannot do without; the rest is for customers.
_TEAM_NEEDS = frozenset({"Providers", "Records", "Templates", "Team", "Links"})
_ASKED = " provider"


def checks(app: App) -> list[Check]:
    """Everything doctor looks at. Nothing here writes to a customer."""
    with reading(app.engine) as c:
        night = shop_day(app, now(c))
        known = reports.counts(c)
        newest = reports.newest_order(c)
        listed = audits.declared(c, "optout_list")
        last = runs.latest(c, mode=app.house.mode)
        lacking = gaps.unoffered(c, night)
        off = [(k.name, gaps.look(c, app.scans[k.scan].needs, night)) for k in app.campaigns.values() if k.nightly]
    found = [
        Check("outreach.yaml", "ok", "read, no unknown keys"),
        Check("Secrets", "ok", "the keys fit this database; back up .env together with it"),
        _records(known, newest),
        _templates(app),
        *(_scan(name, gap) for name, gap in off),
        *_models(lacking),
        _list(listed),
        *ways_in.ways(app),
        _providers(app),
        *_team(app),
    ]
    if last is not None:
        found.append(Check("Last night", "ok", f"{last.name}, {last.state.value}"))
    return found


def _records(known: dict[str, int], newest: date | None) -> Check:
    if not known["customers"]:
        return Check("Records", "bad", "no customers yet", "outreach import customers.csv orders.csv ...")
    said = f"{known['customers']:,} customers, {known['orders']:,} orders, newest {newest}"
    return Check("Records", "ok", said)


def _templates(app: App) -> Check:
    good, broken = len(app.catalogue.templates), len(app.catalogue.broken)
    if broken:
        files = ", ".join(f"{k[0]}/{k[1].value}.{k[2]}" for k in sorted(app.catalogue.broken, key=str))
        return Check(
            "Templates", "bad", f"{broken} of {good + broken} have a problem: {files}", "outreach preview CAMPAIGN"
        )
    return Check("Templates", "ok", f"{good} of {good} ready")


def _scan(name: str, gap: gaps.Gap | None) -> Check:
    if gap is None:
        return Check(name, "ok", "the records carry it")
    return Check(name, "think", ("switched off: " if gap.off else "") + gap.said, gap.mend)


def _models(lacking: Sequence[tuple[str, str, tuple[str, ...]]]) -> list[Check]:
    if not lacking:
        return []
    shown = "; ".join(f"{key} {name}: no {' and no '.join(missing)}" for key, name, missing in lacking[:5])
    more = f"; and {len(lacking) - 5} more" if len(lacking) > 5 else ""
    said = f"{len(lacking)} newer models in stock cannot be offered: {shown}{more}"
    return [Check("Newer models", "think", said, "fill price, what_changed and keep_if in products.csv")]


def _list(listed: str | None) -> Check:
    if listed:
        return Check("Opt-out list", "ok", listed)
    mend = "outreach optout import FILE, or: outreach optout import --none"
    return Check("Opt-out list", "bad", "none imported. Is there an older list?", mend)


def _providers(app: App) -> Check:
    """Whether every channel has a way out of this machine. Whether the vendor knows us, `asked` finds out."""
    kept = [channel.value for channel, sender in app.house.senders.items() if sender.provider == "outbox"]
    if kept:
        said = f"outbox keeps every {' and '.join(kept)} on this machine"
        return Check("Providers", "bad", said, "name one under senders: in config/outreach.yaml")
    return Check("Providers", "ok", ", ".join(sorted({s.provider for s in app.house.senders.values()})))


def _team(app: App) -> list[Check]:
    """In team mode: somebody to write to on each channel, and links that do not lead to a reader's own machine."""
    if app.house.mode is not Mode.TEAM:
        return []
    team, mend = app.house.team, "team: {email: [...], text: [...]} in config/outreach.yaml"
    empty = [channel.value for channel in app.house.senders if not team.get(channel)]
    found = [Check("Team", "ok", "somebody is listed for each channel")]
    if empty:
        found = [Check("Team", "bad", f"nobody is listed under team.{' or team.'.join(empty)}", mend)]
    elif any(not number.strip().startswith("+") for number in team.get(Channel.TEXT, ())):
        found = [Check("Team", "bad", "a number under team.text has no country code", 'write it as "+447700900123"')]
    if loopback(urlsplit(app.house.shop.base_url).hostname):
        said = f"messages would link to {app.house.shop.base_url}"
        found.append(Check("Links", "bad", said, "pages.base_url in config/outreach.yaml"))
    return found


def asked(app: App) -> list[Check]:
    """Whether each provider knows us, asked over the network; in outbox mode nobody is. No customer is written to."""
    if app.house.mode is Mode.OUTBOX:
        return []
    verdicts = asyncio.run(_verdicts(list(app.providers.values())))
    known = [
        Check(channel.value.capitalize() + _ASKED, "ok" if v.good else "bad", f"{provider.name}: {v.said}", v.mend)
        for (channel, provider), v in zip(app.providers.items(), verdicts, strict=True)
    ]
    return [*known, *ways_in.asked(app)]


async def _verdicts(providers: Sequence[Provider]) -> list[Verdict]:
    """All at once, and their connections closed."""
    try:
        return await asyncio.gather(*(provider.check() for provider in providers))
    finally:
        for provider in providers:
            await provider.close()


def in_the_way(found: Sequence[Check], mode: Mode) -> list[Check]:
    """What must be mended before anything is sent in this mode."""
    bad = [] if mode is Mode.OUTBOX else [check for check in found if check.state == "bad"]
    if mode is Mode.TEAM:
        return [check for check in bad if check.name in _TEAM_NEEDS or check.name.endswith(_ASKED)]
    return bad


def require_ready(app: App) -> None:
    """Refuse team and live while anything stands in the way. Raises Misuse (OUT-311).

    Asks nobody over the network: a provider that is out for a minute must not stop a night.
    """
    if app.house.mode is Mode.OUTBOX:
        return
    bad = in_the_way(checks(app), app.house.mode)
    if bad:
        facts = tuple(f"{check.name}: {check.said}" for check in bad)
        said = f"{app.house.mode.value} mode is refused while doctor finds something in the way"
        raise Misuse("OUT-311", said, facts=facts, help="outreach doctor")
