"""Which addresses on the network may the configuration tell us to call?"""

import ipaddress
from urllib.parse import urlsplit


def loopback(host: str | None) -> bool:
    """Whether a host is this machine, by its name or its number."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def callable_url(url: str) -> bool:
    """https to anywhere, plain http to this machine only."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname)))
