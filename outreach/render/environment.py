"""In what sandbox does a template run, and how does a value become text, HTML or a link?

Only records are readable, nothing is callable, nothing can be indexed. The guard refused all else before; this is
the second wall. Each printed value goes through one of the writers below, which knows the number of its mark.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.render.contexts import Record
from outreach.render.filters import Anchor, Voice, table
from outreach.render.problems import MissingValue, RenderProblem

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MISREAD = re.compile("[\x00-\x20\x7f-\xa0\\\\<>\"'\u2000-\u200f\u2028-\u202f\u2060-\u206f\ue000-\uf8ff\ufeff]")
_LOOP = frozenset({"first", "last", "index"})


#: What to do about a link to anywhere else.
LINK_HELP = "mend the link in the records, or add its https host to shop.links in config/outreach.yaml"
#: Letters of one message, subject and HTML and text together, while it is being written.
MOST_WRITTEN = 400_000
#: After so many pieces it is asked whether they are too long: most messages have fewer.
_AT_ONCE = 250


def joined(pieces: Iterable[str]) -> str:
    """The pieces as one text. Raises RenderProblem (OUT-119) soon after they grow past MOST_WRITTEN."""
    made: list[str] = []
    room, several = MOST_WRITTEN, iter(pieces)
    while some := list(islice(several, _AT_ONCE)):
        made.append("".join(some))
        room -= len(made[-1])
        if room < 0:
            raise RenderProblem("OUT-119", f"the message would be longer than {MOST_WRITTEN:,} letters")
    return "".join(made)


class Sandbox(ImmutableSandboxedEnvironment):
    """Attributes of records and nothing else; a part of something missing is missing."""

    concat = staticmethod(joined)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Record):
            return getattr(obj, attribute)
        if obj is None:
            return None
        if type(obj) is LoopContext and attribute in _LOOP:
            return getattr(obj, attribute)
        raise SecurityError(f"{attribute} of a {type(obj).__name__}")

    def getitem(self, obj: Any, argument: Any) -> Any:
        raise SecurityError("values are read by name only")

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        raise SecurityError("nothing can be called")


def is_there(value: object) -> bool:
    """What a bare name in a condition asks."""
    return value is not None and value != () and value != ""


def _listed(value: tuple[Any, ...] | None) -> tuple[Any, ...]:
    return () if value is None else value


class Hosts:
    """Where a message may link to: our own pages, our people's mailboxes, and the shop's https hosts."""

    def __init__(self, base_url: str, hosts: tuple[str, ...], mailboxes: tuple[str, ...]) -> None:
        self._pages = base_url.rstrip("/") + "/"
        self._hosts = frozenset(host.lower() for host in hosts)
        self._mailboxes = frozenset(f"mailto:{address}" for address in mailboxes)

    def safe(self, url: str) -> bool:
        """Whether this link may stand in a message."""
        if _MISREAD.search(url):
            return False  # browsers and we would read such an address differently
        if url.startswith(self._pages) or url in self._mailboxes:
            return True
        try:
            parts = urlsplit(url)
            _ = parts.port  # a number, or it is no address
        except ValueError:  # an open bracket, letters that only look like others: no browser goes there
            return False
        return parts.scheme == "https" and parts.username is None and parts.hostname in self._hosts


def _printable(value: Any, mark: int, dot: bool) -> str:
    if type(value) is int:
        return str(value)
    if type(value) is not str or not value:
        raise MissingValue(mark, "" if value is None or value == "" else f"a {type(value).__name__}")
    return value[:-1] if dot and value.endswith(".") else value


# remembered: the same names of people and products are written over and over, in a message and from message to message
_escaped = lru_cache(maxsize=8_192)(escape)


@lru_cache(maxsize=8_192)
def _as_content(words: str) -> str:
    return f"<bdi>{escape(words)}</bdi>"


class Writers:
    """How values are written into one message. `safe(url)` is asked about every link."""

    def __init__(self, safe: Callable[[str], bool]) -> None:
        self._safe = safe

    def _checked(self, url: Any, mark: int) -> str:
        if type(url) is not str or not url:
            raise MissingValue(mark)
        if not self._safe(url):
            raise MissingValue(mark, f"a link to a place that is not ours: {url[:60]}", LINK_HELP)
        return url

    def text(self, value: Any, mark: int, dot: bool = False) -> str:
        """Plain text; right-to-left values stand in isolates so that they do not turn the line around."""
        if type(value) is str and value and not dot and value.isascii():  # nearly every value
            return value
        if type(value) is Anchor:
            return f"{value.words}:\n{self._checked(value.url, mark)}\n"
        written = _printable(value, mark, dot)
        return written if written.isascii() or not _RTL.search(written) else f"\u2068{written}\u2069"

    def sms(self, value: Any, mark: int, dot: bool = False) -> str:
        """A text: no isolates, which would cost the cheap alphabet."""
        if type(value) is Anchor:
            return f"{value.words} {self._checked(value.url, mark)}"
        return _printable(value, mark, dot)

    def html(self, value: Any, mark: int, dot: bool = False) -> str:
        """Escaped, in its own direction."""
        if type(value) is str and value and not dot:  # nearly every value
            return _as_content(value)
        if type(value) is Anchor:
            return f'<a href="{escape(self._checked(value.url, mark))}">{escape(value.words)}</a>'
        return _as_content(_printable(value, mark, dot))

    def attribute(self, value: Any, mark: int, dot: bool = False) -> str:
        """Escaped, where no element may stand: in a title or an attribute."""
        return _escaped(_printable(value, mark, dot))

    def href(self, value: Any, mark: int, dot: bool = False) -> str:
        """A link's address."""
        return escape(self._checked(value.url if type(value) is Anchor else value, mark))

    def raw(self, value: Any, mark: int, dot: bool = False) -> str:
        """A piece of the layout that is a template itself (compile time only)."""
        return "" if value is None else str(value)


def sandbox(voice: Voice, safe: Callable[[str], bool]) -> Sandbox:
    """The environment of one language and channel. `safe` tells whether a link may be written."""
    made = Sandbox(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    writers = Writers(safe)
    made.globals.clear()
    made.tests.clear()
    made.filters.clear()
    made.filters.update(table(voice))
    made.filters.update(_there=is_there, _list=_listed, _text=writers.text, _sms=writers.sms, _html=writers.html)
    made.filters.update(_attribute=writers.attribute, _href=writers.href, _raw=writers.raw)
    return made
