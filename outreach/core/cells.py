"""Which cell of a CSV would a spreadsheet take for a formula?"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The cell with an apostrophe before what begins a formula (faults.md, Security 8); any other as it is."""
    return f"'{text}" if text.startswith(_FORMULA) else text
