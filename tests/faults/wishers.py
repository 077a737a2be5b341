"""Who opts out while messages are on their way? One customer in ten, all through the run, by the real flow."""

import threading
import time
from random import Random

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.errors import Busy
from outreach.core.terms import Scope
from outreach.flows import opt_out
from outreach.store.contacts import contact_points
from outreach.store.schema import outbox
from tests.faults.scene import Scene
from tests.faults.verdict import OptOut

SHARE = 0.1


class Wishers(threading.Thread):
    """Opts people out at random moments; `done` holds those whose wish was taken down."""

    def __init__(self, scene: Scene, draw: Random, seconds: float) -> None:
        super().__init__(daemon=True)
        self.scene, self.draw, self.seconds = scene, draw, seconds
        self.done: list[OptOut] = []
        self._ended = threading.Event()
        self._app = build(scene.project)
        query = sa.select(outbox.c.contact_point_id, contact_points.c.address, outbox.c.contact_hash)
        self.people = scene.rows(query.join(contact_points, contact_points.c.id == outbox.c.contact_point_id))

    def run(self) -> None:
        asked = self.draw.sample(self.people, int(len(self.people) * SHARE))
        for person in asked:
            if self._ended.wait(self.draw.expovariate(len(asked) / self.seconds)):
                return
            self._asks(person.address, person.contact_hash)

    def _asks(self, address: str, contact_hash: str) -> None:
        """Until it is acknowledged; one that was not is asked again. The time is read after its commit."""
        while not self._ended.is_set():
            try:
                wish = opt_out.Asked(Scope.EVERYTHING, "asked", "staff", "chaos", None, self.scene.clock())
                opt_out.add(self._app, address, wish)
                at = self.scene.clock()
            except Busy:
                time.sleep(0.2)
                continue
            self.done.append(OptOut((contact_hash,), at))
            return

    def end(self) -> None:
        """No more wishes; the one being asked is given up or done."""
        self._ended.set()
        self.join(60)
        self._app.engine.dispose()
