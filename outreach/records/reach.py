"""Is this an address we could write to? Emails and phone numbers in the one spelling we remember them by."""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

#: A local part every reader of RFC 5321 takes as it is; anything else goes through the library.
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class NotReachable(ValueError):
    """The text is not an email address, or not a phone number. Never holds the address itself."""


def email(text: str) -> str:
    """The canonical address: valid by syntax, lower-cased whole. Raises NotReachable."""
    text = text.strip()
    local, _, domain = text.rpartition("@")
    if len(local) <= 64 and len(text) <= 254 and _PLAIN_LOCAL.fullmatch(local) and domain.isascii():
        return f"{local}@{_domain(domain)}".lower()
    return _validated(text)


def phone(text: str, region: str) -> str:
    """E.164, reading national numbers as numbers of `region` (ISO alpha-2). Raises NotReachable."""
    return _number(text.strip(), region)


@lru_cache(maxsize=16_384)
def _domain(domain: str) -> str:
    return _validated(f"a@{domain}").partition("@")[2]


def _validated(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized.lower()
    except EmailNotValidError:
        raise NotReachable(text[:1]) from None


@lru_cache(maxsize=16_384)
def _number(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region, _check_region=False)
    except phonenumbers.NumberParseException:
        raise NotReachable(text[-2:]) from None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension or not phonenumbers.is_valid_number(number) or not _E164.fullmatch(written):
        raise NotReachable(text[-2:])
    return written


def email_shown(text: str) -> str:
    """What an error may show of something that is not an address: its first letter, and whether it had an @."""
    return f"{text.strip()[:1]}…" + ("@…" if "@" in text else "")


def phone_shown(text: str) -> str:
    """What an error may show of a number that is not one."""
    return f"…{text.strip()[-2:]}"
