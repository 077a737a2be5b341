"""Did Twilio take a message we are in doubt about? Its own list of what went to that number says.

The list is asked by number alone. Filtered by DateSent it would leave out what still waits in Twilio's queue, and that
message would look as if it had never been taken. Three answers: our words are there; nothing of ours went to that
number then; or we cannot tell, and then nothing is sent again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from outreach.providers.base import Envelope, Found, LookUp
from outreach.providers.http import NoAnswer, Wire, read_json
from outreach.providers.twilio_account import is_service

#: How far our database's clock and Twilio's may stand apart.
SLACK = timedelta(minutes=5)
#: A message taken just now may not be listed yet: sooner than this after the hand-off, absence proves nothing.
SETTLED = timedelta(minutes=2)
PAGE, MOST_PAGES, MOST_BYTES = 200, 5, 1 << 20


class _Unsure(Exception):
    """The list cannot be read to its end."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of an account's messages, at `path`."""

    wire: Wire
    path: str
    settled: timedelta = SETTLED

    async def look(self, envelope: Envelope, since: datetime) -> LookUp:
        """Whether a message with these words to this number was made after `since`."""
        elsewhere = False
        try:
            async for message in self._all(envelope.to, since):
                if not _ours(message, envelope) or _made(message) < since - SLACK:
                    continue
                if _same(message, envelope):
                    return LookUp(Found.THERE, str(message["sid"]))
                elsewhere = True
        except (_Unsure, KeyError, TypeError, ValueError, AttributeError):
            return LookUp(Found.CANNOT_TELL)
        # something of ours went there with other words: Twilio or a carrier may have changed them
        return LookUp(Found.CANNOT_TELL if elsewhere else Found.ABSENT)

    async def _all(self, to: str, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Every message to the number. Raises _Unsure when a page is missing, or the list may be too new."""
        target: str | None = f"{self.path}?{urlencode({'To': to, 'PageSize': PAGE})}"
        for _ in range(MOST_PAGES):
            answer = await self.wire.get(target or self.path, most=MOST_BYTES)
            if isinstance(answer, NoAnswer) or answer.status != 200 or not answer.whole:
                raise _Unsure
            page = read_json(answer)
            for message in page["messages"]:
                yield message
            if parsedate_to_datetime(answer.headers.get("Date", "")) - since < self.settled:
                raise _Unsure
            target = page["next_page_uri"]
            if target is None:
                return
            if not target.startswith(f"{self.path}?"):
                raise _Unsure
        raise _Unsure


def _ours(message: dict[str, Any], envelope: Envelope) -> bool:
    if message["direction"] == "inbound" or message["to"] != envelope.to:
        return False
    by = "messaging_service_sid" if is_service(envelope.sender) else "from"
    return message[by] in (envelope.sender, None)


def _same(message: dict[str, Any], envelope: Envelope) -> bool:
    """The same words; a trial account writes a line of its own before them."""
    return str(message["body"]).strip().endswith(str(envelope.text).strip())


def _made(message: dict[str, Any]) -> datetime:
    made = parsedate_to_datetime(message["date_created"])
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)
