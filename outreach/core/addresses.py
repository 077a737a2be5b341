"""By what name do we remember an address, so that a wish survives the address itself?"""

import hashlib
import hmac

from outreach.core.terms import Channel


def address_hash(pepper: bytes, channel: Channel, address: str) -> str:
    """HMAC-SHA256 over `channel:canonical address`, hex, 64 characters.

    `address` is canonical: E.164 for texts; for email lower-cased whole, because opt-outs must not hang on capitals.
    """
    text = f"{channel.value}:{address.strip().lower()}"
    return hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()


def masked(channel: Channel, address: str | None) -> str:
    """What a screen may show: `a…@example.com`, `phone ending 1234`."""
    if address is None:
        return "erased"
    if channel is Channel.EMAIL:
        name, _, domain = address.partition("@")
        return f"{name[:1]}…@{domain}"
    return f"phone ending {address[-4:]}"
