"""In which words do the customer pages speak? templates/_pages/<language>.yaml: every sentence, checked at start."""

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import create_model

from outreach.core.errors import Finding, Misuse, Place
from outreach.documents import Document, load, position, tree
from outreach.render import formats
from outreach.render.languages import known

FOLDER = "templates/_pages"
CODE = "OUT-550"
#: A sentence -> what it must have filled in.
_FILLED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("stop_title", "send_me", "you_chose", "from_now", "lost"), ("shop",)),
    **dict.fromkeys(("pause", "paused", "back_since", "told", "change_until"), ("date",)),
    **dict.fromkeys(("help", "lost_else", "wrong", "again", "person", "not_done"), ("contact",)),
    **dict.fromkeys(("done", "error"), ("title",)),
    "about": ("addresses",),
    "phone_ending": ("digits",),
    "about_order": ("order",),
    "promised": ("signer", "time"),
    "time_on": ("clock", "day"),
}
_PLAIN = " ".join(
    (
        "this_address stop stop_means or_choose all orders notes as_now how email text save help_title stopped",
        "stopped_means undo bought_again why_title why_hint why_often why_useless why_wrong why_stranger why_else",
        "own_words want_answer send thanks thank_you saved confirmed undone change back_title back_silent back_change",
        "nothing ask_title answer_with send_answer told_nothing answer_fine answer_late answer_wrong",
        "answer_missing answer_here answer_works answer_problem after_fine after_good tip_more sorry sorry_problem",
        "remedy remedy_another remedy_money remedy_know remedy_else reach closed lost_title lost_field lost_send",
        "lost_sent problem choose_one changed_meanwhile no_address wrong_title busy_title fault_title method_title",
        "long_title example_title example languages",
    )
)
_FIELDS: dict[str, Any] = {
    "language": (str, ...),
    "status": (Literal["ready", "draft"], ...),
    "answers": (dict[str, str], {}),  # what a shop's own campaigns ask, beyond ours
    **dict.fromkeys((*_PLAIN.split(), *_FILLED), (str, ...)),
}
_File: Any = create_model("_File", __base__=Document, **_FIELDS)


@dataclass(frozen=True, slots=True)
class PageWords:
    """One language. `tag`: BCP 47; `name`: its own name; `locale`: Babel's, for dates."""

    tag: str
    name: str
    ready: bool
    locale: str
    sentences: Mapping[str, str]

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML says it."""
        return "rtl" if formats.is_right_to_left(self.tag) else "ltr"

    def __getitem__(self, name: str) -> str:
        return self.sentences[name]

    def answer(self, name: str) -> str:
        """What an answer of a campaign says; one nobody has words for says its own name."""
        return self.sentences.get(f"answer_{name}", name)

    def day(self, day: date) -> str:
        """12 November 2026."""
        return formats.long_date(day, self.locale)

    def moment(self, moment: datetime) -> str:
        """5 pm on Monday 16 November; `moment` is in the shop's zone already."""
        clock, day = formats.clock(moment, self.locale), formats.weekday_date(moment.date(), self.locale)
        return self["time_on"].format(clock=clock, day=day)

    def listed(self, words: Iterable[str]) -> str:
        """One, two and three."""
        return formats.listed(tuple(words), self.locale)


@dataclass(frozen=True, slots=True)
class Languages:
    """Every language there are words for. `default`: the shop's own, if it is ready, else the first that is."""

    every: Mapping[str, PageWords]
    default: PageWords

    @property
    def ready(self) -> tuple[PageWords, ...]:
        """Those that somebody has read and set to ready."""
        return tuple(words for words in self.every.values() if words.ready)

    def choose(self, asked: str | None, *wanted: str | None) -> PageWords:
        """`asked` by name, drafts too; else the first `wanted` tag that is ready, or its sister; else the default."""
        if asked is not None and asked in self.every:
            return self.every[asked]
        ready = {words.tag: words for words in self.ready}
        bases = {words.tag.partition("-")[0]: words for words in reversed(self.ready)}
        for tag in filter(None, wanted):
            if found := ready.get(tag) or bases.get(tag.partition("-")[0].lower()):
                return found
        return self.default


def load_pages(project: Path, language: str, country: str) -> Languages:
    """The project's words. `language`, `country`: the shop's. Raises Misuse (OUT-550) naming file:line:column."""
    found = {path.stem: _read(path, country) for path in sorted((project / FOLDER).glob("*.yaml"))}
    ready = [words for words in found.values() if words.ready]
    if not ready:
        help_text = "outreach init    (puts the shipped ones back)"
        raise Misuse(CODE, f"{FOLDER} holds no words that are ready", help=help_text)
    ready.sort(key=lambda words: (words.tag != language, words.tag.partition("-")[0] != language.partition("-")[0]))
    return Languages(found, ready[0])


def _read(path: Path, country: str) -> PageWords:
    shown = f"{FOLDER}/{path.name}"
    if not known(path.stem):
        raise Misuse(CODE, f"{path.stem} is no language", place=Place(shown), help="name it en.yaml or pt-BR.yaml")
    said: dict[str, Any] = load(path, _File, shown=shown, code=CODE).model_dump()
    name, status, answers = said.pop("language"), said.pop("status"), said.pop("answers")
    if wrong := list(_wrong(said)):
        raise _misuse(path, shown, wrong)
    sentences = {**said, **{f"answer_{answer}": text for answer, text in answers.items()}}
    return PageWords(path.stem, name, status == "ready", formats.locale_of(path.stem, country), sentences)


def _wrong(sentences: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong with its sentence)."""
    for key, sentence in sentences.items():
        if not sentence.strip():
            yield key, "says nothing"
            continue
        try:
            held = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
        except ValueError:
            yield key, "has a brace alone; {name} is filled in"
            continue
        wanted = _FILLED.get(key, ())
        for name in held:
            if name not in wanted or not re.search(rf"{{{name}}}", sentence):
                yield key, f"{{{name}}} is not filled in here" + (f"; {{{wanted[0]}}} is" if wanted else "")
        for name in wanted:
            if name not in held:
                yield key, f"needs {{{name}}}"


def _misuse(path: Path, shown: str, wrong: list[tuple[str, str]]) -> Misuse:
    text = path.read_text(encoding="utf-8")
    data, lines = tree(text, shown=shown, code=CODE), text.splitlines()
    findings = []
    for key, said in wrong:
        line, column = position(data, (key,))
        findings.append(Finding(CODE, f"{key}: {said}", Place(shown, line + 1, column + 1, lines[line])))
    problem = Misuse(CODE, findings[0].message, place=findings[0].place)
    if len(findings) > 1:
        problem.with_findings(tuple(findings))
    return problem
