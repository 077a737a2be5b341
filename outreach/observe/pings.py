"""How does a healthcheck learn that we ran, and what does it cost us when it does not answer? Nothing.

The form is that of healthchecks.io and its kin: URL/start, then URL/EXITCODE with a few plain words as the body.
"""

import contextlib
import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from types import TracebackType
from typing import Any

from outreach.core.endpoints import callable_url
from outreach.core.errors import Busy

#: How long one ping may take, and how long the end of a program waits for its first and for its last, in seconds.
PATIENCE = 5.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address in the configuration is the only one we go to."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect())


def ping(url: str, word: str = "", *, body: str = "") -> threading.Thread | None:
    """Send one ping from a thread of its own; whatever goes wrong there is nobody's concern. None without a URL."""
    if not url or not callable_url(url):
        return None
    target = f"{url.rstrip('/')}/{word}".rstrip("/")
    sender = threading.Thread(target=_post, args=(target, body), name="ping", daemon=True)
    sender.start()
    return sender


def _post(target: str, body: str) -> None:
    request = urllib.request.Request(target, data=body.encode()[:10_000], method="POST")
    try:
        with _OPENER.open(request, timeout=PATIENCE) as answer:
            answer.read(1)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError):
        return


class Pinged:
    """Pings at the start of a piece of work and at its end, whichever way it ends.

    `code_of` turns the exception that ended it into an exit code.
    """

    def __init__(self, url: str, *, code_of: Callable[[BaseException], int]) -> None:
        self._url, self._code_of = url, code_of
        self.code, self.summary = 0, ""
        self._first: threading.Thread | None = None

    def __enter__(self) -> "Pinged":
        self._first = ping(self._url, "start")
        return self

    def __exit__(self, kind: Any, error: BaseException | None, _trace: TracebackType | None) -> None:
        code = self.code if error is None else self._code_of(error)
        if self._first is not None:
            self._first.join(PATIENCE)  # a start told after the end looks like a run that never ends
        last = ping(self._url, str(code), body=self.summary)
        if last is not None:
            last.join(PATIENCE)


def regularly(work: Callable[[], None], *, every: float) -> Callable[[], None]:
    """Do it now and every so many seconds in a thread, until the returned function is called. A database that does
    not answer is asked again next time."""
    ended = threading.Event()

    def keep_on() -> None:
        while True:
            with contextlib.suppress(Busy):
                work()
            if ended.wait(every):
                return

    threading.Thread(target=keep_on, name="pings", daemon=True).start()
    return ended.set
