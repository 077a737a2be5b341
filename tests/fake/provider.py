"""How do the fake's parts stand together? One process, one journal, three vendors, and a door to change their moods.

GET  /_mode      PUT /_mode {"sendgrid": {"chances": {"accept_hang": 0.1}, "latency_ms": 50}, ...}
GET  /_journal   what was taken, how often, and what was wrong     DELETE /_journal   begin anew, all in a good mood
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.fake.journal import Journal
from tests.fake.moods import Mood, mood
from tests.fake.sendgrid import SendGrid
from tests.fake.smtp import Mail
from tests.fake.twilio import BASE, Twilio
from tests.fake.vendor import Vendor
from tests.fake.wire import Answer, Connection, Request, in_json

#: What a request to one of the makers breaks: contract name, method, target, headers, body.
Breach = Callable[[str, str, str, list[tuple[str, str]], bytes | None], str | None]


@dataclass
class Fake:
    """The vendors, and the control endpoint."""

    journal: Journal
    sendgrid: SendGrid
    twilio: Twilio
    mail: Mail

    @property
    def vendors(self) -> dict[str, Vendor]:
        return {vendor.name: vendor for vendor in (self.sendgrid, self.twilio, self.mail)}

    def answer(self, request: Request) -> Answer:
        """Whoever the path belongs to."""
        if request.target.startswith("/v3/"):
            return self.sendgrid.answer(request)
        if request.target.startswith(BASE):
            return self.twilio.answer(request)
        return self._control(request)

    def _control(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/_journal":
                return in_json(200, self.journal.summary())
            case "DELETE", "/_journal":
                self.journal.forget()
                for vendor in self.vendors.values():
                    vendor.mood = Mood()
                return in_json(200, {})
            case "PUT", "/_mode":
                return self._set(request.body)
            case "GET", "/_mode":
                return in_json(200, {name: _shown(vendor.mood) for name, vendor in self.vendors.items()})
        return in_json(404, {"problem": "there is /_mode, /_journal, /v3/ and /2010-04-01/"})

    def _set(self, body: bytes) -> Answer:
        try:
            moods = {name: mood(said) for name, said in json.loads(body).items()}
            for name, found in moods.items():
                self.vendors[name].mood = found
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return in_json(400, {"problem": f"{type(error).__name__}: {error}"})
        return in_json(200, {})


def _shown(found: Mood) -> dict[str, Any]:
    return {**asdict(found), "next": list(found.next), "bounds": None}


def make(path: Path, breach: Breach | None) -> Fake:
    """A fake over a journal file; with `breach`, every request is held to its maker's contract."""
    journal = Journal(path)

    def held_to(name: str) -> Callable[[Request], str | None] | None:
        return (lambda r: breach(name, r.method, r.target, r.headers, r.body)) if breach else None

    mail = Mail("smtp", journal)
    mail.strict = breach is not None
    sendgrid = SendGrid("sendgrid", journal, held_to("sendgrid_mail_send"))
    return Fake(journal, sendgrid, Twilio("twilio", journal, held_to("twilio_messages")), mail)


async def listen(fake: Fake, http: int, smtp: int) -> tuple[int, int]:
    """Serve on loopback; 0 takes any free port. Returns the ports."""
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Connection(fake.answer), "127.0.0.1", http, backlog=4096),
        await loop.create_server(fake.mail.protocol, "127.0.0.1", smtp, backlog=1024),
    ]
    found = [int(server.sockets[0].getsockname()[1]) for server in servers]
    return found[0], found[1]
