"""When do a campaign's messages fail so often that a person should look before any more leave? (settled 36)"""

#: How many hand-offs back it looks; how many of them must have failed, and more than half of those it looks at.
WINDOW, FAILURES = 100, 20
FAILED, FINE = "x", "."


def after(recent: str, news: str) -> str:
    """The last hand-offs, one letter each and the newest last, once `news` came in."""
    return (recent + news)[-WINDOW:]


def trips(recent: str) -> bool:
    """Whether that is too many: at least 20 failures, and more than half."""
    failed = recent.count(FAILED)
    return failed >= FAILURES and 2 * failed > len(recent)
