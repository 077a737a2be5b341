"""What went wrong while writing one message, or while reading one template?"""

from jinja2 import TemplateError

from outreach.core.errors import Problem

#: What reading one file or writing one message could end in that nobody thought of: it costs that one and no more.
UNFORESEEN = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    RecursionError,
    TemplateError,
)


class RenderProblem(Problem):
    """One message cannot be written. Costs this one person's message, never the night."""

    exit_code = 1


class Refusal(Exception):
    """One expression or tag of a template that is not allowed. `needle` is the piece of it to point at."""

    def __init__(
        self, code: str, message: str, *, needle: str = "", facts: tuple[str, ...] = (), help: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.needle = needle
        self.facts = facts
        self.help = help


class MissingValue(Exception):
    """A value that is not there was about to be printed by mark number `mark`. `help`: what else than a fallback."""

    def __init__(self, mark: int, why: str = "", help: str = "") -> None:
        super().__init__(why)
        self.mark = mark
        self.why = why
        self.help = help
