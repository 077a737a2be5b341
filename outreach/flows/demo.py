"""How does a newcomer see it all in half a minute? An invented shop, one night, every message on disk."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from outreach.core.errors import Misuse
from outreach.core.terms import Mode
from outreach.flows.app import App, shop_day
from outreach.flows.nightlock import alone
from outreach.flows.plan import Request, plan
from outreach.flows.send import hand_over
from outreach.flows.start_project import start
from outreach.flows.take_records import How, from_files, guess_files
from outreach.flows.tonight import the_moment
from outreach.records.invented import write_shop
from outreach.store import reports
from outreach.store.engine import reading
from outreach.store.reports import NightReport

#: Says that a folder is a demo and may be made anew.
MARK = ".outreach-demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made and what the night did. `example`: a customer worth asking `why` about."""

    customers: int
    countries: int
    orders: int
    newer_models: int
    handed: int
    example: str
    report: NightReport


def play(folder: Path, *, night: date, seed: int, wire: Callable[[Path], App], tell: Callable[[str], None]) -> Demo:
    """Make the shop, import it, run one night, hand the messages to files. `wire` builds the App (the roof's door).

    Raises Misuse (OUT-609) when the folder is anything but an earlier demo.
    """
    _clear(folder)
    start(folder)
    (folder / MARK).write_text("made by outreach demo; rebuilt each time\n", encoding="utf-8")
    tell("making an invented shop")
    shop = write_shop(folder / "records", as_of=night, seed=seed)
    app = wire(folder)
    tell("importing its records")
    from_files(app, shop.paths, How(yes=True, guesses=guess_files(shop.paths)))
    past = night != shop_day(app, the_moment(app))
    with alone(app):
        tell("running one night")
        planned = plan(app, Request(night, Mode.OUTBOX, past=past))
        handed = hand_over(app).accepted
    with reading(app.engine) as c:
        report = reports.night(c, planned.run_id, list(app.campaigns))
        examples = reports.examples(c, planned.run_id)
    app.engine.dispose()
    example = examples.get("order_late") or examples.get("rested") or next(iter(examples.values()), "C-0001")
    return Demo(shop.customer_count, shop.country_count, shop.order_count, shop.newer_models, handed, example, report)


def _clear(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MARK).is_file():
        said = f"{folder.name} is not a demo this program made, so it is left as it is"
        raise Misuse("OUT-609", said, help="outreach demo ANOTHER-FOLDER")
    shutil.rmtree(folder)
