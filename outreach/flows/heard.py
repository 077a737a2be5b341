"""What does this message of a person say, and what does it answer? Quotes stripped, wish heard, answer understood."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outreach.core.answers import Answer as Delivery
from outreach.core.asks import said_of_delivery
from outreach.core.inbound import Written
from outreach.core.keywords import Heard, Wish, heard
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.envelopes import kept
from outreach.flows.heard_who import Who, who_wrote
from outreach.inbound.letter import Letter
from outreach.inbound.quoting import new_words
from outreach.render.content import Content
from outreach.store import hearing, revisions

#: What mail programs put before the subject of an answer, in the languages we meet.
_ANSWERING = re.compile(r"^(?:\s*(?:re|aw|antw|res|rv|sv|vs|odp|ynt|fwd?|wg|tr|enc)\s*(?:\[\d+\])?\s*[:：])+\s*", re.I)


@dataclass(frozen=True, slots=True)
class HeardBy:
    """What was made of it. `customer_id` None: a stranger. `by_word`: the whole message was one of our words.

    `withdrawn`: messages that waited and will not leave. `answered`: the message we answer with at once.
    """

    wish: Wish
    by_word: bool
    customer_id: int | None
    contact_hash: str
    said: Delivery | None = None
    conversation_id: int | None = None
    withdrawn: int = 0
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A message as we understand it. `words`: without what it quotes; `said`: of the delivery they were asked about.

    `at`: when it came in, by the database's clock: what a wish and its answer are both stamped with.
    """

    written: Written
    inbox_id: int
    at: datetime
    who: Who
    words: str
    heard: Heard
    said: Delivery | None

    @property
    def by_word(self) -> bool:
        """Whether it is one of our words and nothing else: whoever carries texts answers those."""
        return self.heard.whole or self.written.asked_out

    @property
    def trouble(self) -> bool:
        """Whether something with the delivery is not as it should be."""
        return self.said not in (None, Delivery.FINE)

    def made(self, *, conversation_id: int | None = None, withdrawn: int = 0, answered: int | None = None) -> HeardBy:
        """What came of it."""
        of = (self.heard.wish, self.by_word, self.who.customer_id, self.who.contact_hash, self.said)
        return HeardBy(*of, conversation_id, withdrawn, answered)


def understood(app: App, c: sa.Connection, written: Written, inbox_id: int, letter: Letter | None) -> Came:
    """The message that came in as `inbox_id`. `letter`: the mail it stands in."""
    at = hearing.received_at(c, inbox_id)
    who = who_wrote(app, c, written, at, letter)
    words, ours = written.words, _ours(c, who)
    if written.channel is Channel.EMAIL:
        words = new_words(written.words, (ours.text,) if ours else ())
    offered = app.campaigns[who.asked.campaign].answers if who.asked else ()
    said = said_of_delivery(words, offered=offered) if who.asked else None
    return Came(written, inbox_id, at, who, words, _wish(app, written, words, ours), said)


def _ours(c: sa.Connection, who: Who) -> Content | None:
    """Our message that they answer, as it was sent; gone after some months."""
    if who.answers is None:
        return None
    found = kept(*revisions.stored(c, [who.answers.id]).get(who.answers.id, (None, b"")))
    return None if found is None else found.content


def _wish(app: App, written: Written, words: str, ours: Content | None) -> Heard:
    """What they ask of us. They may say it in the subject, too, beside what stood in ours."""
    if written.asked_out:
        return Heard(Wish.STOP, whole=True, by="the provider")
    found = heard(words, app.words, channel=written.channel)
    if found.wish is not Wish.STOP and written.subject:
        subject = heard(_new_in(written.subject, ours), app.words, channel=written.channel)
        return subject if subject.wish is Wish.STOP else found
    return found


def _new_in(subject: str, ours: Content | None) -> str:
    """`subject` without the one we wrote, wherever it stands in it, and without "Re:"."""
    sent = _ANSWERING.sub("", " ".join(((ours.subject if ours else None) or "").split()))
    said = " ".join(subject.split())
    return _ANSWERING.sub("", re.sub(re.escape(sent), " ", said, flags=re.I) if sent else said)
