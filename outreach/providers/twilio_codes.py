"""What does each of Twilio's codes mean for us? (respect.md 26; www.twilio.com/docs/api/errors)

The same table reads the answer to a request and, later, a status callback. A code that is not here is unknown: the
message failed, and is not tried again.
"""

from outreach.core.lifecycle import Fault
from outreach.providers.statuses import meaning

FAULTS = {
    # the person said no to this sender, at Twilio or the carrier
    21610: Fault.OPTED_OUT,
    # no such number, or none that takes texts
    21211: Fault.BAD_ADDRESS,
    21265: Fault.BAD_ADDRESS,
    21266: Fault.BAD_ADDRESS,
    21614: Fault.BAD_ADDRESS,
    21635: Fault.BAD_ADDRESS,
    30005: Fault.BAD_ADDRESS,
    30006: Fault.BAD_ADDRESS,
    # switched off, out of reach
    30003: Fault.UNREACHABLE,
    30017: Fault.UNREACHABLE,
    # carriers did not like the words
    21618: Fault.CONTENT,
    30007: Fault.CONTENT,
    30008: Fault.CONTENT,
    # our number, its registration, or where it may write to
    21212: Fault.SENDER,
    21408: Fault.SENDER,
    21601: Fault.SENDER,
    21603: Fault.SENDER,
    21606: Fault.SENDER,
    21608: Fault.SENDER,
    21612: Fault.SENDER,
    21659: Fault.SENDER,
    21660: Fault.SENDER,
    21657: Fault.SENDER,
    21661: Fault.SENDER,
    21703: Fault.SENDER,
    21704: Fault.SENDER,
    21708: Fault.SENDER,
    21709: Fault.SENDER,
    30018: Fault.SENDER,
    30024: Fault.SENDER,
    30032: Fault.SENDER,
    30033: Fault.SENDER,
    30034: Fault.SENDER,
    30035: Fault.SENDER,
    # too fast
    20429: Fault.REFUSED,
    21611: Fault.REFUSED,
    30001: Fault.REFUSED,
    30022: Fault.REFUSED,
    30023: Fault.REFUSED,
    30027: Fault.REFUSED,
    30036: Fault.REFUSED,
    # this message, for good
    21602: Fault.INVALID,
    21604: Fault.INVALID,
    21617: Fault.INVALID,
    # the account
    20003: Fault.KEY,
    20404: Fault.KEY,
    30002: Fault.KEY,
}


def fault_of(status: int, code: int | None) -> Fault:
    """What an answer other than 201 means. A 5xx stays in doubt whatever code it carries; 503 was refused."""
    if status < 500 and code in FAULTS:
        return FAULTS[code]
    return Fault.UNKNOWN if status == 400 else meaning(status)  # of a 400 only the code says what was wrong
