"""What is a vendor built from, and what if a part of it is missing or cannot be?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from outreach.core.errors import Misuse
from outreach.core.shop import Sender
from outreach.providers.reach import Reach

_PRINTABLE = re.compile(r"[!-~]+")
_THIS_MACHINE = re.compile(r"https?://(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?/?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sender, how far its messages may go, the environment with the keys, and where the shop's own pages answer."""

    sender: Sender
    reach: Reach
    environment: Mapping[str, str]
    pages: str

    def lacking(self, *names: str) -> tuple[str, ...]:
        """Those of the variables that are not set."""
        return tuple(name for name in names if not self.environment.get(name))

    def key(self, name: str, shape: re.Pattern[str] = _PRINTABLE) -> str:
        """A variable that is set. Raises Misuse (OUT-413) for what no key is: it goes into a header or a path."""
        value = self.environment[name]
        if not shape.fullmatch(value):
            raise unusable(name, "does not look like one", "copy it again from the provider's own page")
        return value

    def base(self, name: str, home: str) -> str:
        """The vendor's address. Another than its own is for tests and benches, so for this machine alone (OUT-413)."""
        url = self.environment.get(name)
        if url and not _THIS_MACHINE.fullmatch(url):
            raise unusable(name, "names another machine, and would be given our key", "unset it; it is for tests only")
        return url or home


def unusable(name: str, said: str, help: str) -> Misuse:
    """A variable that cannot be used; never with its value, which may hold a key."""
    return Misuse("OUT-413", f"{name} {said}", help=help)
