"""How well are texts heard by weights that were learned without their writer? Every writer is left out once."""

from collections.abc import Callable, Mapping, Sequence

from outreach.core.keywords import Wish, heard
from outreach.core.wording import Words
from tests.hearing.learner import Example, Model, learned
from tests.hearing.texts import TUNED, Text

#: The words with the weights of a model.
Ready = Callable[[Model], Words]
#: Texts are looked at together by writer, by language and all; those of "gaps" apart, which were written to be hard.
_PARTS: tuple[Callable[[Text], str], ...] = (
    lambda text: f"writer {text.writer}",
    lambda text: f"language {text.language}" if text.writer != "gaps" else "",
    lambda text: "all" if text.writer != "gaps" else "",
)


def report(texts: Sequence[Text], examples: Sequence[Example], ready: Ready) -> None:
    """Print what share of wishes is heard, and of ordinary texts taken for one."""
    wishes = left_out(texts, examples, ready)
    for part in _PARTS:
        for name in sorted({part(text) for text in wishes} - {""}):
            print(_line(name, {text: wish for text, wish in wishes.items() if part(text) == name}), flush=True)


def left_out(texts: Sequence[Text], examples: Sequence[Example], ready: Ready) -> dict[Text, Wish]:
    """What is heard in each text by a model learned from other writers.

    The files that the phrases were mended by are never left out: what is heard in them tells nothing.
    """
    pairs = list(zip(texts, examples, strict=True))
    wishes: dict[Text, Wish] = {}
    for writer in sorted({text.writer for text in texts if text.file not in TUNED}):
        words = ready(learned([example for text, example in pairs if text.writer != writer]))
        left = [text for text in texts if text.writer == writer]
        wishes |= {text: heard(text.body, words, channel=text.channel).wish for text in left}
    return wishes


def _line(name: str, wishes: Mapping[Text, Wish]) -> str:
    parts = []
    for label, called in (("stop", "wishes"), ("ordinary", "ordinary")):
        found = [wish for text, wish in wishes.items() if text.label == label]
        stop, unsure = (100 * found.count(wish) / max(len(found), 1) for wish in (Wish.STOP, Wish.UNSURE))
        parts.append(f"{len(found):5d} {called}: {stop:5.1f} % stop, {unsure:4.1f} % unsure")
    return f"{name:18s}" + ";".join(parts)
