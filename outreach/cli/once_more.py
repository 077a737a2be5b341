"""How are messages queued once more that a provider refused, or whose fate nobody knows?"""

from outreach.cli.answer import Answer
from outreach.core.errors import Misuse
from outreach.flows.app import App
from outreach.flows.second_try import Queued, once_more


def queue_again(app: App, run: str, *, rejected: bool, unknown: str) -> Answer:
    """The answer of `retry RUN --rejected` and of `retry RUN --unknown m-1,m-2`. Raises Misuse."""
    if rejected and unknown:
        raise Misuse("OUT-600", "--rejected and --unknown are two questions: ask one at a time")
    done = once_more(app, run, unknown=_ids(unknown))
    lines = [f"{done.queued:,} message{'' if done.queued == 1 else 's'} of {run} wait{_s(done)} to be sent once more."]
    if unknown and done.queued:
        lines.append("If the provider had taken one after all, its customer gets it twice.")
    if done.too_late:
        lines.append(f"{done.too_late:,} would come too late and stay as they are.")
    data = {"run": run, "queued": done.queued, "too_late": done.too_late}
    return Answer("outreach.retry/1", data, lines, next=["outreach status"])


def _s(done: Queued) -> str:
    return "s" if done.queued == 1 else ""


def _ids(words: str) -> list[int]:
    """`m-12,m-15` as numbers. Raises Misuse (OUT-332)."""
    names = [word.strip().removeprefix("m-") for word in words.split(",") if word.strip()]
    if wrong := [name for name in names if not name.isdigit()]:
        raise Misuse("OUT-332", f'"{wrong[0]}" is no message; messages are called like m-12')
    return [int(name) for name in names]
