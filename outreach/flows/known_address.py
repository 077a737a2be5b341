"""By which hash do we know an address, however somebody wrote it?"""

from outreach.core.addresses import address_hash
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.records import reach


def one_spelling(app: App, channel: Channel, written: str) -> str | None:
    """As we keep it; None for what is no address. A number without a country is the shop's."""
    try:
        return reach.email(written) if channel is Channel.EMAIL else reach.phone(written, app.house.shop.country)
    except reach.NotReachable:
        return None


def hash_of_address(app: App, channel: Channel, written: str) -> str | None:
    """The keyed hash of its one spelling; None for what is no address."""
    address = one_spelling(app, channel, written)
    return None if address is None else address_hash(app.secrets.pepper, channel, address)
