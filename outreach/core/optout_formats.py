"""Which program wrote this list, and which of its lines are people who asked to be left alone?

A list is recognised by its columns, the first format that fits. What a line means stands in a column of it, or is the
same for all. Sources: the vendors' own pages of their exports (docs/optout-lists.md names them).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a line says of an address."""

    ASKED = "asked"  # they asked to be left alone
    COMPLAINED = "complained"  # they called it spam
    BOUNCED = "bounced"  # the address takes no mail
    NO_OFFERS = "no_offers"  # they do not want marketing there; messages about orders go on
    NO_TEXTS = "no_texts"
    NOT = "not"  # no wish to be left alone
    UNCLEAR = "unclear"  # nobody can tell: a person has to look


EMAILS = ("email", "email address", "e-mail", "e-mail address", "address", "contact", "contact_id")
PHONES = ("phone", "phone number", "number", "mobile", "to")


@dataclass(frozen=True, slots=True)
class Says:
    """A column whose words mean something for the address in one of `about` (the first of them that is there).

    `begins`: words that begin so; a cell left empty says `blank`, any other word `otherwise`.
    """

    column: str
    about: tuple[str, ...]
    words: Mapping[str, Meaning]
    begins: Mapping[str, Meaning]
    otherwise: Meaning = Meaning.UNCLEAR
    blank: Meaning = Meaning.NOT


@dataclass(frozen=True, slots=True)
class Format:
    """A list of one program. `needs`: columns it has; `only`: and it has no others; `every`: what each line means.

    `nobody`: a list of people who asked for nothing, said so instead of being read.
    """

    name: str
    needs: frozenset[str]
    says: tuple[Says, ...] = ()
    every: Meaning | None = None
    about: tuple[str, ...] = EMAILS
    when: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    only: bool = False
    nobody: bool = False

    def fits(self, columns: Sequence[str]) -> bool:
        there = set(columns)
        return self.needs == there if self.only else self.needs <= there


def _says(column: str, words: Mapping[str, Meaning], *about: str, **more: Meaning) -> Says:
    return Says(column, about or EMAILS, words, {}, **more)


_M = Meaning
_STATUS = {
    **dict.fromkeys(("unsubscribed", "unsubscribe", "opted out", "opted-out", "opt-out", "opt out", "out"), _M.ASKED),
    **dict.fromkeys(("suppressed", "user_suppressed", "user suppressed", "manually suppressed", "blocked"), _M.ASKED),
    **dict.fromkeys(("complained", "complaint", "spam", "spam complaint", "spam_complaint"), _M.COMPLAINED),
    **dict.fromkeys(("marked as spam", "marked email as spam", "spam report", "abuse"), _M.COMPLAINED),
    **dict.fromkeys(("bounced", "bounce", "cleaned", "hard bounced", "hard_bounce", "hard bounce"), _M.BOUNCED),
    **dict.fromkeys(("soft bounced", "soft bounce", "invalid", "invalid_email", "invalid email"), _M.BOUNCED),
    **dict.fromkeys(("subscribed", "subscribe", "active", "opted in", "opted-in", "opt-in", "opt in", "in"), _M.NOT),
    **dict.fromkeys(("never subscribed", "never_subscribed", "non-subscribed", "nonsubscribed", "pending"), _M.NOT),
}
_REFUSES = dict.fromkeys(("no", "false", "0", "n", "not_subscribed", "unsubscribed"), _M.NO_OFFERS)
_ACCEPTS = dict.fromkeys(("yes", "true", "1", "y", "subscribed", "pending", "invalid", "redacted"), _M.NOT)
_EMAIL_ACCEPTED = {**_REFUSES, **_ACCEPTS}
_TEXT_ACCEPTED = {word: _M.NO_TEXTS if said is _M.NO_OFFERS else said for word, said in _EMAIL_ACCEPTED.items()}
_HEARD = dict.fromkeys(("stop", "opt-out", "optout", "opt_out"), _M.ASKED)
_HEARD |= dict.fromkeys(("start", "help", "opt-in", "optin", "opt_in", ""), _M.NOT)
_TEXTED = ("from", "phone number", "phone", "number", "to", "contact_id")
#: SMTP says for good what begins with 5, and for now what begins with 4 (RFC 5321, 4.2.1).
_FAILED = Says("status", EMAILS, {}, {"5": _M.BOUNCED, "4": _M.NOT}, otherwise=_M.BOUNCED, blank=_M.BOUNCED)
#: Twilio's own words, which it obeys before we hear of them; a later START opens nothing here (docs/optout-lists.md).
_STOPPED = dict.fromkeys(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"), _M.ASKED
)
_TEXTED_STOP = Says("body", ("from",), _STOPPED, {}, otherwise=_M.NOT)
_SUPPRESSED = dict.fromkeys(("true", "yes", "1"), _M.ASKED) | dict.fromkeys(("false", "no", "0", "[]"), _M.NOT)
_REFUSED_21610 = Says("errorcode", ("to",), {"21610": _M.ASKED}, {}, otherwise=_M.NOT)
_KLAVIYO_DATES = ("timestamp", "date", "suppressed at", "suppression timestamp", "suppressed on", "created")


def _needs(*columns: str) -> frozenset[str]:
    return frozenset(columns)


#: The narrower a format's columns, the earlier it stands.
FORMATS: tuple[Format, ...] = (
    Format(
        "Mailchimp, contacts of every kind",
        _needs("email address", "unsub_time", "clean_time"),
        (
            _says("unsub_time", {}, otherwise=_M.ASKED),
            _says("clean_time", {}, otherwise=_M.BOUNCED),
        ),
        when=("unsub_time", "clean_time"),
        why=("unsub_reason_other", "unsub_reason"),
    ),
    Format(
        "Mailchimp, unsubscribed contacts",
        _needs("email address", "unsub_time"),
        every=_M.ASKED,
        when=("unsub_time",),
        why=("unsub_reason_other", "unsub_reason"),
    ),
    Format(
        "Mailchimp, cleaned contacts",
        _needs("email address", "clean_time"),
        every=_M.BOUNCED,
        when=("clean_time",),
    ),
    Format("Mailchimp, subscribed contacts", _needs("email address", "member_rating", "optin_time"), nobody=True),
    Format(
        "Shopify, customers",
        _needs("email", "accepts email marketing"),
        (
            _says("accepts email marketing", _EMAIL_ACCEPTED, "email"),
            _says("accepts sms marketing", _TEXT_ACCEPTED, "phone", "default address phone"),
        ),
    ),
    Format(
        "Shopify, customers or orders (older columns)",
        _needs("email", "accepts marketing"),
        (
            _says("accepts marketing", _EMAIL_ACCEPTED, "email"),
            _says("accepts sms marketing", _TEXT_ACCEPTED, "phone", "default address phone"),
        ),
    ),
    Format(
        "Klaviyo, suppressed profiles",
        _needs("email", "suppression reason"),
        (_says("suppression reason", _STATUS, "email", otherwise=_M.ASKED, blank=_M.ASKED),),
        when=_KLAVIYO_DATES,
        why=("suppression reason",),
    ),
    Format(
        "Klaviyo, suppressed profiles",
        _needs("email", "reason", "timestamp"),
        (_says("reason", _STATUS, "email", otherwise=_M.ASKED, blank=_M.ASKED),),
        when=("timestamp",),
        why=("reason",),
    ),
    Format(
        "Klaviyo, profiles",
        _needs("email", "email marketing consent"),
        (
            _says("email marketing consent", _STATUS, "email"),
            _says("sms marketing consent", _STATUS, "phone number", "phone"),
            _says("email suppressions", {**_STATUS, **_SUPPRESSED}, otherwise=_M.ASKED),
            _says("suppressed", _SUPPRESSED),
        ),
        when=("email marketing consent timestamp", "consent timestamp"),
    ),
    Format(
        "SendGrid, bounces or blocks",
        _needs("email", "created", "reason", "status"),
        (_FAILED,),
        when=("created",),
        why=("reason",),
    ),
    Format("SendGrid, spam reports", _needs("email", "created", "ip"), every=_M.COMPLAINED, when=("created",)),
    Format(
        "SendGrid, invalid emails",
        _needs("email", "created", "reason"),
        every=_M.BOUNCED,
        when=("created",),
        why=("reason",),
    ),
    Format("SendGrid, unsubscribes", _needs("email", "created"), every=_M.ASKED, when=("created",), only=True),
    Format(
        "SendGrid, unsubscribe group",
        _needs("email", "created", "group_name"),
        every=_M.ASKED,
        when=("created",),
        why=("group_name",),
    ),
    Format(
        "Twilio, opt-outs",
        _needs("optouttype"),
        (_says("optouttype", _HEARD, *_TEXTED),),
        when=("date", "datesent", "sentdate", "date sent", "timestamp"),
    ),
    Format(
        "Twilio, consent",
        _needs("contact_id", "status"),
        (_says("status", _STATUS, "contact_id"),),
        when=("date_of_consent",),
        why=("source",),
    ),
    Format(
        "Twilio, message log",
        _needs("from", "to", "errorcode", "direction"),
        (_REFUSED_21610, _TEXTED_STOP),
        when=("sentdate", "datesent", "date sent", "datecreated"),
        why=("errorcode",),
    ),
    *(
        Format(f'a list with a column "{column}"', _needs(column), (_says(column, _STATUS, *EMAILS, *PHONES),))
        for column in ("subscription status", "marketing status", "email status", "subscriber status", "status")
    ),
)
#: A list that says nothing but addresses: whoever imports it as opt-outs says what it is.
PLAIN = Format("a list of addresses", frozenset(), every=Meaning.ASKED, about=(*EMAILS, *PHONES))
#: Columns that tell who agreed and who did not, in a list we do not know.
_TELLING = re.compile(r"accept|subscri|consent|opt.?(?:in|out)|marketing|newsletter|suppress|bounce|spam")


def recognised(header: Sequence[str]) -> Format | None:
    """The format of a list with these columns. None: its first line is no header that names an address."""
    columns = [column.strip().lower() for column in header]
    found = next((each for each in FORMATS if each.fits(columns)), None)
    if found is not None:
        return found
    return PLAIN if any(column in (*EMAILS, *PHONES) for column in columns) else None


def telling(header: Sequence[str]) -> tuple[str, ...]:
    """Columns that may say who asked, as written: a list with one is not taken for plain addresses."""
    return tuple(column for column in header if _TELLING.search(column.strip().lower()))


def said(says: Says, cell: str) -> Meaning:
    """What a cell of the column means."""
    word = " ".join(cell.split()).lower().strip("[]'\"")
    if not word:
        return says.blank
    if word in says.words:
        return says.words[word]
    return next((meaning for start, meaning in says.begins.items() if word.startswith(start)), says.otherwise)
