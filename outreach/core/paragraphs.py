"""Which paragraphs did a person write, whatever the program that broke the lines?"""

import re

#: A program wraps lines near 72 letters; whoever ends one before this meant to.
_WRAPPED = 55
_LISTED = re.compile(r"\s*(?:[-*•–>]|\d{1,2}[.)])\s")


def paragraphs(words: str) -> list[str]:
    """Each as one line. An empty line ends one, and so does a line that is short or a part of a list."""
    found: list[str] = []
    before = ""  # the line before, when this one may go on with it
    for line in words.splitlines():
        bare = line.strip()
        if bare and before and len(before) >= _WRAPPED and not _LISTED.match(line):
            found[-1] = f"{found[-1]} {bare}"
        elif bare:
            found.append(bare)
        before = bare
    return found
