"""How are the pages' forms written? Real fieldsets, legends and labels, with room for a thumb."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outreach.web.markup import Html, Inside, el


@dataclass(frozen=True, slots=True)
class Option:
    """One of several: what it sends, what it says."""

    value: str
    says: Inside
    chosen: bool = False


def form(action: str, *inside: Inside, frameless: bool = False) -> Html:
    """A form that posts. `frameless`: no line above it."""
    return el("form", *inside, method="post", action=action, class_="f" if frameless else None)


def radios(name: str, legend: Inside, options: Iterable[Option], *, wrong: bool = False) -> Html:
    """One of several. `wrong`: the problem at the top speaks of this."""
    return _group("radio", name, legend, (tuple(options), wrong))


def boxes(name: str, legend: Inside, options: Iterable[Option]) -> Html:
    """Any of several."""
    return _group("checkbox", name, legend, (tuple(options), False))


def _group(kind: str, name: str, legend: Inside, given: tuple[Sequence[Option], bool]) -> Html:
    options, wrong = given
    labels = []
    for number, option in enumerate(options):
        first = name if number == 0 else None  # what the problem's link leads to
        box = el("input", type=kind, name=name, value=option.value, checked=option.chosen, id=first)
        labels.append(el("label", box, el("span", option.says)))
    described = "problem" if wrong else None
    return el("fieldset", el("legend", legend), *labels, aria_describedby=described)


def hidden(name: str, value: str) -> Html:
    """What the form brings along."""
    return el("input", type="hidden", name=name, value=value)


def button(says: Inside, *, value: str | None = None, main: bool = False) -> Html:
    """A button. `value`: what `do` says when it is pressed."""
    return el("button", says, name="do" if value else None, value=value, class_="m" if main else None)


def words(name: str, label: Inside, *, hint: Inside = None, most: int = 2000) -> Html:
    """Room for somebody's own words."""
    described = f"{name}-hint" if hint else None
    area = el("textarea", name=name, id=name, rows="4", maxlength=str(most), aria_describedby=described)
    note = el("p", hint, id=described, class_="s") if hint else None
    return Html(el("label", label, for_=name, class_="b") + (note or "") + area)


def line(name: str, label: Inside, *, given: str = "", wrong: bool = False) -> Html:
    """One line of text."""
    described = "problem" if wrong else None
    typed = el(
        "input", type="text", name=name, id=name, value=given, maxlength="254", class_="t", aria_describedby=described
    )
    return Html(el("label", label, for_=name, class_="b") + typed)
