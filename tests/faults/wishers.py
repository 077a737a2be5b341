"""Who opts out while messages are on their way? One customer in ten, all through the run, by every real door: the mail
program's button, the provider's webhook (twice, as providers do), a STOP by text, and somebody of the shop."""

import threading
import time
from collections import Counter
from random import Random
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.errors import Busy
from outreach.core.inbound import Event, Told, Written
from outreach.core.terms import Channel, Scope
from outreach.flows import choices, opt_out
from outreach.flows.receive import receive
from outreach.store.contacts import contact_points
from outreach.store.schema import outbox
from tests.faults.scene import Scene
from tests.faults.verdict import OptOut

SHARE = 0.1


class Wishers(threading.Thread):
    """Opts people out at random moments; `done` holds those whose wish was taken down. `doors` counts them by door,
    `posts` how often what a provider posted was taken for new, by its id."""

    def __init__(self, scene: Scene, draw: Random, seconds: float) -> None:
        super().__init__(daemon=True)
        self.scene, self.draw, self.seconds = scene, draw, seconds
        self.done: list[OptOut] = []
        self.doors, self.posts = Counter[str](), Counter[str]()
        self._ended = threading.Event()
        self._app = build(scene.project)
        query = sa.select(outbox.c.contact_point_id, outbox.c.channel, contact_points.c.address, outbox.c.contact_hash)
        self.people = scene.rows(query.join(contact_points, contact_points.c.id == outbox.c.contact_point_id))

    def run(self) -> None:
        asked = self.draw.sample(self.people, int(len(self.people) * SHARE))
        for person in asked:
            if self._ended.wait(self.draw.expovariate(len(asked) / self.seconds)):
                return
            self._asks(self.draw.choice((self._types, self._presses, self._is_told)), person)

    def _asks(self, door: Any, person: Any) -> None:
        """Until it is acknowledged; one that was not is asked again. The time is read after its commit."""
        while not self._ended.is_set():
            try:
                door(person)
                at = self.scene.clock()
            except Busy:
                time.sleep(0.2)
                continue
            self.doors[door.__name__.strip("_").replace("_", " ")] += 1
            self.done.append(OptOut((person.contact_hash,), at))
            return

    def _types(self, person: Any) -> None:
        wish = opt_out.Asked(Scope.EVERYTHING, "asked", "staff", "chaos", None, self.scene.clock())
        opt_out.add(self._app, person.address, wish)

    def _presses(self, person: Any) -> None:
        assert choices.one_click(self._app, person.contact_point_id)

    def _is_told(self, person: Any) -> None:
        """By whoever carries the message; it posts everything twice."""
        number = f"chaos-{person.contact_point_id}"
        if person.channel == Channel.EMAIL:
            post: Event | Written = Event(
                "sendgrid", number, Told.UNSUBSCRIBED, Channel.EMAIL, number.encode(), address=person.address
            )
        else:
            stop, to = "STOP", "+447400000000"
            post = Written("twilio", number, Channel.TEXT, person.address, to, stop, stop.encode(), asked_out=True)
        for _ in range(2):
            self.posts[number] += receive(self._app, (post,)).new

    def end(self) -> None:
        """No more wishes; the one being asked is given up or done."""
        self._ended.set()
        self.join(60)
        self._app.engine.dispose()
