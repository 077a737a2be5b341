"""How is the body of a request read, in its time and within its limit? A page's form and a provider's post alike."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request


async def whole(request: Request, *, within: float, hold: Callable[[int], None]) -> bytes:
    """All of it. `within`: seconds; `hold`: told the size of each piece as it comes, before it is kept.

    Raises TimeoutError, ClientDisconnect, and whatever `hold` raises.
    """
    pieces: list[bytes] = []
    async with asyncio.timeout(within):
        async for piece in request.stream():
            hold(len(piece))
            pieces.append(piece)
    return b"".join(pieces)
