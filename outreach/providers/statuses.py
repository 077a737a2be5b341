"""What does an HTTP status mean for a hand-off, where the vendor says no more? (settled 34)"""

from outreach.core.lifecycle import Fault

#: 404 and 405: there is no such door for us, so no message gets through it.
STATUSES = {
    400: Fault.INVALID,
    401: Fault.KEY,
    403: Fault.KEY,
    404: Fault.KEY,
    405: Fault.KEY,
    413: Fault.INVALID,
    429: Fault.REFUSED,
    503: Fault.REFUSED,
}
#: The first digit of any other status. One answer says accepted; another 2xx says nothing we know.
OTHERWISE = {2: Fault.DOUBT, 3: Fault.UNKNOWN, 4: Fault.UNKNOWN, 5: Fault.DOUBT}


def meaning(status: int) -> Fault:
    """Of any status but the one that says accepted."""
    return STATUSES.get(status) or OTHERWISE.get(status // 100, Fault.DOUBT)
