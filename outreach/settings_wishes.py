"""How much does an opt-out by text, or by the mail program's own button, stop? `wishes:` of config/outreach.yaml."""

from typing import Literal

from outreach.core.shop import Wishes
from outreach.core.terms import Scope
from outreach.documents import Document


class WishesSection(Document):
    """`wishes:`, checked; every key may be missing. Everything is what somebody who says STOP expects."""

    stop_by_text: Literal["everything", "text"] = "everything"
    stop_by_button: Literal["everything", "email"] = "everything"

    def wishes(self) -> Wishes:
        """As the program knows it."""
        return Wishes(Scope(self.stop_by_text), Scope(self.stop_by_button))
