"""How many messages does one core write? `python3 dev.py bench render`

The shipped templates, an invented person whose name, order and address change from message to message, no database.
Beside each rate stands the same message by plain Jinja: an equal template of one finished message, whose values are
expressions again. Busy seconds of this process, the median of several runs; compare the ratios. Nothing here is a test.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from outreach.core.terms import Campaign, Channel
from outreach.flows.app import App
from outreach.flows.start_project import start
from outreach.render.content import Content
from outreach.render.message import render
from outreach.render.people import AwkwardPerson, people
from outreach.render.template import Occasion, Recipient, Template
from tests.bench import _bare
from tests.bench._clock import Cost, middle, used
from tests.bench._project import ready

#: Campaign and channel; the first two are emails of HTML and text.
MESSAGES = (("delivery_check", Channel.EMAIL), ("upgrade_offer", Channel.EMAIL), ("delivery_check", Channel.TEXT))
BUDGET = 10_000
_NAMES = ("Ana", "Mihai", "Søren", "O’Neill", "José María", "Zoë", "Li", "Noor", "Grace", "Kwame", "Łucja")
_HEAD = f"{'message':<24}{'bytes':>7}{'messages/s':>12}{'packed too/s':>14}{'Jinja/s':>10}{'x Jinja':>9}"


@dataclass(frozen=True)
class Letter:
    """What one rendering is given."""

    template: Template
    facts: dict[str, Any]
    recipient: Recipient
    occasion: Occasion

    def written(self, app: App) -> Content:
        return render(
            self.template, facts=self.facts, recipient=self.recipient, occasion=self.occasion, links=app.links
        )


def letters(app: App, campaign: Campaign, channel: Channel, count: int) -> Iterator[Letter]:
    """`count` different messages of one template."""
    who = next(person for person in people(app.project).values() if person.recipient.language == "en")
    template = app.catalogue.choose(campaign.name, channel, language="en", customer_id=1, variant=None).template
    assert template is not None
    for i in range(count):
        name = _NAMES[i % len(_NAMES)]
        recipient = who.recipient._replace(first_name=name, contact_point_id=100_000 + i)
        occasion = Occasion(who.occasion.today, f"{88_000 + i}")
        yield Letter(template, _facts(who, campaign, i), recipient, occasion)


def _facts(who: AwkwardPerson, campaign: Campaign, i: int) -> dict[str, Any]:
    """The person's facts with another order and another day."""
    facts = dict(who.facts(campaign))
    day = date(2026, 9, 1) + timedelta(days=i % 60)
    if facts.get("order"):
        promised = (day + timedelta(days=4)).isoformat()
        facts["order"] = {**facts["order"], "number": f"{88_000 + i}", "placed_on": day.isoformat()}
        facts["order"]["promised_on"] = promised
        facts["orders"] = [facts["order"]]
    if facts.get("owned"):
        facts["owned"] = {**facts["owned"], "bought_on": (day - timedelta(days=700)).isoformat()}
    return facts


def main(words: Sequence[str]) -> int:
    """Measure, print; exit code 0 whatever the figures say."""
    asked = _arguments(words)
    print("one core, busy seconds, the median of several runs\n")
    print(_HEAD)
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        start(Path(folder))
        app = ready(Path(folder))
        for name, channel in MESSAGES:
            some = list(letters(app, app.campaigns[name], channel, asked.messages))
            print(_line(app, f"{name} {channel.value}", some, asked.runs))
    print(f"\nbudget of speed.md: HTML and text to bytes >= {BUDGET:,} messages/s")
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python3 dev.py bench render", description=(__doc__ or "").split("\n\n")[1])
    read.add_argument("--messages", type=int, default=4_000, help="different ones of each kind (default 4,000)")
    read.add_argument("--runs", type=int, default=5, help="of each; the median counts (default 5)")
    return read.parse_args(words)


def _line(app: App, name: str, some: list[Letter], runs: int) -> str:
    size = len(some[0].written(app).exact)
    to_bytes = _rate(some, runs, lambda letter: letter.written(app).exact)
    kept = _rate(some, runs, lambda letter: _kept(letter.written(app), letter.template))
    bare = _rate(some, runs, _alone(app, some[0]))
    ratio = f"{bare / to_bytes:.1f}"
    return f"{name:<24}{size:>7,}{to_bytes:>12,.0f}{kept:>14,.0f}{bare:>10,.0f}{ratio:>9}"


def _kept(content: Content, template: Template) -> tuple[str, bytes]:
    """What a night does with it: the hash, and the packed bytes."""
    return content.sha, content.pack(template.skeleton)


def _alone(app: App, first: Letter) -> Callable[[Letter], bytes]:
    """Jinja with nothing around it: the first message as a template of its own."""
    values = _values(app, first)
    made = _bare.plain_template(first.written(app), values, first.template.channel)
    return lambda letter: made(_values(app, letter)).encode()


def _values(app: App, letter: Letter) -> dict[str, str]:
    order = letter.facts.get("order") or {}
    item = (order.get("main_item") or letter.facts.get("newer") or {}).get("name") or ""
    found = {"first_name": letter.recipient.first_name or "", "item": item, "order": order.get("number", "")}
    return {**found, "stop": app.links.stop(letter.recipient.contact_point_id)}


def _rate(some: list[Letter], runs: int, work: Callable[[Letter], Any]) -> float:
    def once() -> None:
        for letter in some:
            work(letter)

    once()
    cost: Cost = middle(used(once) for _ in range(runs))
    return len(some) / cost.busy


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
