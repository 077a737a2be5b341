"""What does each error code mean, in a sentence, and how is it mended? `outreach explain CODE` prints this.

1xx templates, 2xx data, 3xx nights, 4xx sending, 5xx customers' wishes, 6xx configuration, 7xx faults.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """`title`: one line. `text`: why it happens and what was and was not done. `mend`: what to type or change."""

    title: str
    text: str
    mend: str
