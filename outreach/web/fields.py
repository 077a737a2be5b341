"""What did a form send? Only as much as a form of ours can hold, and no character that is not text."""

import asyncio
import unicodedata
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from outreach.web.bodies import whole

#: More than our longest form, in any script, percent-encoded.
MOST_BYTES = 65_536
_MOST_FIELDS = 40
_MOST_WORDS = 2_000
_MOST_IGNORED = 1 << 20
#: Seconds a body may take to come.
SECONDS = 10.0


class Fields:
    """What came in, by name; a name that did not come is empty."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        self._given = given

    def one(self, name: str) -> str:
        """The value, in one line."""
        return " ".join(_text(self._given.get(name, [""])[0]).split())[:254]

    def every(self, name: str) -> list[str]:
        """Every value: of boxes, several."""
        return self._given.get(name, [])

    def words(self, name: str) -> str | None:
        """Somebody's own words, lines kept; None: there are none."""
        return _text(self._given.get(name, [""])[0])[:_MOST_WORDS].strip() or None


async def fields(request: Request) -> Fields:
    """Read an urlencoded form. Raises HTTPException: 413 for a longer one, 400 for one that is none, 408 for one that
    broke off or took too long."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise HTTPException(413)
    try:
        body = await whole(request, within=SECONDS, hold=_Room().hold)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408) from None
    try:
        return Fields(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise HTTPException(400) from None


class _Room:
    """What a form may take."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def hold(self, more: int) -> None:
        self._left -= more
        if self._left < 0:
            raise HTTPException(413)


async def passed_over(request: Request) -> None:
    """Let a body come that nobody reads: whoever is cut off while still sending may not hear the answer."""
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MOST_IGNORED:
                    return
    except (TimeoutError, ClientDisconnect):
        return


def _text(raw: str) -> str:
    """Without what no database keeps and no reader sees."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(ch for ch in lines if ch == "\n" or unicodedata.category(ch) not in ("Cc", "Cs", "Co", "Cn"))
