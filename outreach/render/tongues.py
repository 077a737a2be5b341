"""What is a language called?"""

from babel import Locale, UnknownLocaleError


def language_name(tag: str) -> str:
    """`pt-BR` -> Portuguese (Brazil). A tag nobody knows is said as it is."""
    try:
        return str(Locale.parse(tag, sep="-").get_display_name("en") or tag)
    except (UnknownLocaleError, ValueError):
        return tag
