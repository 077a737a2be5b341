"""Which words do answers have ready before anybody asks, while marketers change them?"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from outreach.core.errors import Problem
from outreach.render.catalogue import Catalogue

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnswerWords:
    """The templates of campaigns that answer, each read when first asked for. `read` may raise Misuse (OUT-139)."""

    read: Callable[[str], Catalogue]
    _kept: dict[str, Catalogue] = field(default_factory=dict, init=False, repr=False)

    def of(self, campaign: str) -> Catalogue:
        """This campaign's, as they were read last."""
        found = self._kept.get(campaign)
        if found is None:
            found = self._kept[campaign] = self.read(campaign)
        return found

    def refresh(self) -> None:
        """Read anew what was asked for: for a program that runs for weeks, outside of any transaction.

        A file that was saved half, or is broken now, silences no answer: what was good stays.
        """
        for campaign, before in list(self._kept.items()):
            try:
                found = self.read(campaign)
            except Problem as problem:
                _log.warning("the words of %s stay as they were: %s", campaign, problem.code)
                continue
            if found.broken.keys() & before.templates.keys():
                _log.warning("the words of %s stay as they were: outreach lint %s", campaign, campaign)
            else:
                self._kept[campaign] = found
