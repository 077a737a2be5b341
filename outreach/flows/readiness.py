"""What stands in the way of the chosen mode? `live` is refused until every check passes (product.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.core.errors import Misuse
from outreach.core.terms import Mode
from outreach.flows.app import App, shop_day
from outreach.store import audits, gaps, reports, runs
from outreach.store.engine import now, reading


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `state`: "ok", "think" (worth a thought) or "bad" (stands in the way of `live`)."""

    name: str
    state: str
    said: str
    mend: str = ""


def checks(app: App) -> list[Check]:
    """Everything doctor looks at. Nothing here writes to a customer."""
    with reading(app.engine) as c:
        night = shop_day(app, now(c))
        known = reports.counts(c)
        newest = reports.newest_order(c)
        listed = audits.declared(c, "optout_list")
        last = runs.latest(c, mode=app.house.mode)
        lacking = gaps.unoffered(c, night)
        off = [(k.name, gaps.look(c, app.scans[k.scan].needs, night)) for k in app.campaigns.values() if k.on]
    found = [
        Check("outreach.yaml", "ok", "read, no unknown keys"),
        Check("Secrets", "ok", "the keys fit this database; back up .env together with it"),
        _records(known, newest),
        _templates(app),
        *(_scan(name, gap) for name, gap in off),
        *_models(lacking),
        _list(listed),
        *_doors(app),
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


def _doors(app: App) -> list[Check]:
    """What customers reach us by, and we them. This version has no way out of the machine, and says so."""
    url = app.house.shop.base_url
    local = "127.0.0.1" in url or "localhost" in url
    pages = "no customer pages are served yet by this version" if local else f"{url} is not served by this version"
    providers = sorted({s.provider for s in app.house.senders.values()})
    return [
        Check("Customer pages", "bad", pages, "stay in outbox mode"),
        Check("Replies", "bad", "no mailbox is read by this version", "stay in outbox mode"),
        Check("Providers", "bad", f"{', '.join(providers)} keeps messages on this machine", "stay in outbox mode"),
    ]


def require_ready(app: App) -> None:
    """Refuse team and live while anything stands in the way. Raises Misuse (OUT-311)."""
    if app.house.mode is Mode.OUTBOX:
        return
    bad = [check for check in checks(app) if check.state == "bad"]
    if app.house.mode is Mode.TEAM:
        bad = [check for check in bad if check.name in ("Providers", "Records", "Templates")]
    if bad:
        facts = tuple(f"{check.name}: {check.said}" for check in bad)
        said = f"{app.house.mode.value} mode is refused while doctor finds something in the way"
        raise Misuse("OUT-311", said, facts=facts, help="outreach doctor")
