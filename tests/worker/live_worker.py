"""`outreach worker` over a shop in live mode with the fake providers, which no file can choose in a test: the same
overseer, processes, sender and providers, only without the checks of doctor.

    python -m tests.worker.live_worker ORDER PROCESSES     the overseer; its Result goes to stdout
    python -m tests.worker.live_worker ORDER               one process of it
"""

import json
import os
import sys
from dataclasses import dataclass, replace

from outreach.bootstrap import build
from outreach.core.errors import Problem
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App
from outreach.observe.logs import set_up
from outreach.providers.choosing import chosen
from outreach.providers.outbox import Outbox
from outreach.settings import read_environment
from outreach.worker.order import Order, Result
from outreach.worker.overseer import Overseer
from outreach.worker.process import main

#: Who hands over what in these tests.
PAGES = "https://hello.alder.example"
VENDORS = {Channel.EMAIL: "sendgrid", Channel.TEXT: "twilio"}


def live(order: Order) -> App:
    """The project's shop, live."""
    app = build(order.project)
    senders = {k: replace(s, provider=VENDORS[k]) for k, s in app.house.senders.items() if k in order.channels}
    house = replace(app.house, mode=Mode.LIVE, senders=senders, shop=replace(app.house.shop, base_url=PAGES))
    providers = chosen(house, read_environment(order.project), Outbox(order.project / ".outreach" / "outbox"))
    return replace(app, house=house, providers=providers)


@dataclass(frozen=True)
class LiveOrder:
    """The same order, to this program."""

    order: Order

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.worker.live_worker", self.order.command()[-1]]

    def environment(self) -> dict[str, str]:
        return {**os.environ}


def oversee(order: Order, processes: int) -> int:
    set_up(verbose=order.verbose)
    overseer, problem = Overseer(LiveOrder(order), processes), None
    try:
        overseer.run()
    except Problem as met:
        problem = met
    code = 128 + overseer.signalled if overseer.signalled else 0
    print(json.dumps({"result": Result.of(code, dict(overseer.states), problem).line()}), flush=True)
    return problem.exit_code if problem else code


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(sys.argv[1:], shop=live, allow=lambda _: None))
    sys.exit(oversee(Order.read(sys.argv[1:2]), int(sys.argv[2])))
