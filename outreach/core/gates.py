"""In which order are the gates asked?

What law and wishes forbid, then what an address allows, then care, usefulness and manners. One voice a night and the
comparison group come after these, in `decide`, so that the group holds exactly those who would have been written to.
A gate returns a Refusal or None; it never returns a bare False about a person.
"""

from outreach.core.case import Gate
from outreach.core.gates_law import bounced, channel_off, no_address, no_consent, no_contact, orders_only, paused
from outreach.core.gates_manners import (
    already_told,
    before_start,
    complaint_open,
    enough,
    no_language,
    nobody_to_answer,
    on_hold,
    order_late,
    reply_open,
    rested,
    too_old,
)

#: Asked in this order. Those in PER_CHANNEL close one channel; the others close the candidate.
GATES: tuple[Gate, ...] = (
    no_contact,
    channel_off,
    orders_only,
    paused,
    no_consent,
    no_address,
    bounced,
    on_hold,
    complaint_open,
    reply_open,
    nobody_to_answer,
    order_late,
    already_told,
    too_old,
    before_start,
    enough,
    rested,
    no_language,
)
#: These ask for a wish, a hold, an open matter or a late order: of the many who have none they are not asked at all.
ASK_TROUBLE: frozenset[Gate] = frozenset(
    {no_contact, channel_off, orders_only, paused, bounced, on_hold, complaint_open, reply_open, order_late}
)
#: These ask what we wrote before: never asked of people we have not written to.
ASK_HISTORY: frozenset[Gate] = frozenset({enough, rested})
#: This asks what they were told: never asked of people whom nobody told anything.
ASK_TOLD: frozenset[Gate] = frozenset({already_told})
#: These ask what most nights do not have: a start line, answers that are overdue.
ASK_START: frozenset[Gate] = frozenset({before_start})
ASK_ANSWERS: frozenset[Gate] = frozenset({nobody_to_answer})
PER_CHANNEL: frozenset[Gate] = frozenset({channel_off, no_consent, no_address, bounced, no_language})
