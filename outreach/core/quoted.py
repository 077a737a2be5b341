"""How is a message's text kept so that it leaves without another look? As JSON quotes it.

A message is quoted once, when it is rendered. What is stored is what a vendor that takes JSON gets: quoting it again
for each hand-off was a tenth of the send's time.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoted:
    """One text. `json`: a JSON string with its quotation marks, in UTF-8; `str()` gives the text back."""

    json: bytes

    @classmethod
    def of(cls, text: str) -> "Quoted":
        """Half a surrogate pair, which UTF-8 cannot hold, becomes a question mark."""
        return cls(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))

    def __str__(self) -> str:
        return str(json.loads(self.json))
