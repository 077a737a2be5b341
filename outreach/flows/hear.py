"""What follows from what a person wrote? Their wish first, then their answer, then whoever of us has to read it.

Everything happens in the caller's transaction, which is committed before anybody is answered. The same message heard
twice is kept out by the caller (inbox_event is unique).
"""

import sqlalchemy as sa

from outreach.core.inbound import Written
from outreach.core.keywords import Wish
from outreach.core.terms import STOPPED, Channel, Scope
from outreach.flows import answering, wish_taken
from outreach.flows.app import App
from outreach.flows.heard import Came, HeardBy, understood
from outreach.flows.heard_reply import overlooked, replied, unsure
from outreach.inbound.letter import Letter
from outreach.store import forwards, reopened_texts
from outreach.store.wishes import Asked

#: By which door a wish came.
_DOORS = {Channel.TEXT: "stop", Channel.EMAIL: "reply"}
#: So much of what they wrote is kept as the proof of a wish.
_PROOF = 2000
#: Said to nothing, these ask for nothing. Any other word that lifts nothing, such as "yes", answers something.
_ONLY_START = frozenset({"start", "unstop"})


def hear(app: App, c: sa.Connection, written: Written, *, inbox_id: int, letter: Letter | None) -> HeardBy:
    """Do what follows from one message of a person. `letter`: the mail it came in; machines' mail is not for here."""
    came = understood(app, c, written, inbox_id, letter)
    match came.heard.wish:
        case Wish.STOP:
            return _stop(app, c, came)
        case Wish.START:
            return _start(app, c, came)
        case Wish.HELP:
            return came.made()  # whoever carries texts answers it
        case Wish.UNSURE:
            return unsure(app, c, came)
    return replied(app, c, came)


def overheard(app: App, c: sa.Connection, written: Written, *, inbox_id: int, letter: Letter) -> None:
    """Do what is safe with words that sound like a machine's: a wish counts, a person reads them, nobody is answered.

    People go on holiday, too, and say so.
    """
    came = understood(app, c, written, inbox_id, letter)
    if came.heard.wish is Wish.STOP:
        _stop(app, c, came)
    elif came.heard.wish is Wish.UNSURE:
        unsure(app, c, came)
    else:
        forwards.wait(c, came.inbox_id, None, came.at)


def _stop(app: App, c: sa.Connection, came: Came) -> HeardBy:
    """They are left alone, whoever they are (rule 14). In their own words by text: one confirmation, once ever."""
    scope = came.heard.scope
    if came.written.channel is Channel.TEXT and came.by_word:  # words of their own say themselves how much (15)
        scope = app.house.wishes.stop_by_text
    taken = wish_taken.take(app, c, came.who.covers, _asked(came, scope))
    if came.by_word:
        return came.made(withdrawn=taken.withdrawn)
    conversation_id = overlooked(app, c, came)
    forwards.wait(c, came.inbox_id, conversation_id, came.at)
    answered = _confirmed(app, c, came, scope)
    return came.made(conversation_id=conversation_id, withdrawn=taken.withdrawn, answered=answered)


def _asked(came: Came, scope: Scope) -> Asked:
    proof = came.written.words.strip()[:_PROOF] or came.written.subject or came.heard.by
    return Asked(scope, "asked", _DOORS[came.written.channel], proof, None, came.at)


def _confirmed(app: App, c: sa.Connection, came: Came, scope: Scope) -> int | None:
    """By text only, in nobody's words but ours, and it asks for nothing (rule 12)."""
    if came.written.channel is not Channel.TEXT or came.who.point_id is None:
        return None
    what = answering.Answer(
        campaign=STOPPED,
        contact_point_id=came.who.point_id,
        channel=Channel.TEXT,
        key=f"inbox-{came.inbox_id}",
        answers_at=came.at,
        facts={"scope": scope.value},
    )
    return answering.answer(app, c, what).outbox_id


def _start(app: App, c: sa.Connection, came: Came) -> HeardBy:
    """Texts again, where a text had stopped them; nothing else, and never a yes that was not given (rule 13).

    "Yes" to somebody who stopped nothing is an answer to what we asked.
    """
    wish_taken.wait_for_turn(app, c, came.who.covers)
    opened = wish_taken.theirs_to_open(c, list(filter(None, (came.who.customer_id,))), came.who.covers)
    lifted = reopened_texts.reopen(c, opened, _asked(came, Scope.TEXT), said_at=came.written.at)
    if lifted:
        wish_taken.lists_forget(app, c, opened, came.at)
    if not lifted and came.heard.by not in _ONLY_START:
        return replied(app, c, came)
    return came.made()
