"""What is one thing doctor looks at?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `state`: "ok", "think" (worth a thought) or "bad" (stands in the way of `live`)."""

    name: str
    state: str
    said: str
    mend: str = ""
