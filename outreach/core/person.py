"""What must be known about one customer before deciding? Plain values, loaded by `store.people`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from outreach.core.terms import UNASKED, Channel, Kind, LegalClass, Scope


class Contact(NamedTuple):
    """One address of the customer's current record."""

    id: int
    channel: Channel
    address_hash: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A standing suppression found under any address this customer ever had. `until` None: for good."""

    address_hash: str
    channel: Channel
    scope: Scope
    reason: str
    since: datetime
    until: date | None = None

    def holds_on(self, night: date) -> bool:
        """A wish until a date ends on that date."""
        return self.until is None or self.until > night


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of ours that reached, or is on its way to, an address of this customer."""

    night: date
    campaign: str
    kind: Kind
    contact_hash: str

    @property
    def unasked(self) -> bool:
        return self.kind in UNASKED


class Person(NamedTuple):
    """One customer with everything the gates ask. `zones`: candidates, the main one first.

    `grants` holds (address hash, level) with a standing yes; `told` and `held_back` hold (campaign, subject key).
    `kept`: those that took tonight's voice in an earlier pass although nothing was sent.
    `late_order` is the key of an order whose lateness still weighs, or None.
    """

    id: int
    household_id: int
    language: str | None
    country: str
    zones: tuple[str, ...]
    contacts: tuple[Contact, ...] = ()
    wishes: tuple[Wish, ...] = ()
    grants: frozenset[tuple[str, LegalClass]] = frozenset()
    sent: tuple[Sent, ...] = ()
    told: frozenset[tuple[str, str]] = frozenset()
    held_back: frozenset[tuple[str, str]] = frozenset()
    kept: frozenset[tuple[str, str]] = frozenset()
    late_order: str | None = None
    hold_until: date | None = None
    hold_because: str | None = None
    conversations: frozenset[str] = frozenset()
    state: str | None = None

    def address(self, channel: Channel) -> Contact | None:
        """The address to use on a channel: the first that has not bounced, else the first."""
        first = None
        for contact in self.contacts:
            if contact.channel is channel:
                if not self.wishes or not self._bounces(contact):
                    return contact
                first = first or contact
        return first

    def _bounces(self, contact: Contact) -> bool:
        return any(w.scope is Scope.ADDRESS and w.address_hash == contact.address_hash for w in self.wishes)
