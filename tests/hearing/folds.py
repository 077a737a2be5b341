"""How well are texts heard by weights that were learned without their writer? Every file is left out once."""

from collections.abc import Iterable, Mapping, Sequence

from tests.hearing.learner import Example, learned
from tests.hearing.texts import TUNED, Text


def report(texts: Sequence[Text], examples: Sequence[Example], stop: float, unsure: float) -> None:
    """Print, by file and by language, what share of wishes is heard and of ordinary texts taken for one."""
    scores = left_out(texts, examples)
    for name, chosen in (("file", lambda text: text.file), ("language", lambda text: text.language)):
        for one in sorted({chosen(text) for text in scores}):
            _print(f"{name} {one}", {text: score for text, score in scores.items() if chosen(text) == one}, stop, unsure)
    _print("all", scores, stop, unsure)


def left_out(texts: Sequence[Text], examples: Sequence[Example]) -> dict[Text, float]:
    """The weight of each text by a model learned from the other files. Files the phrases were mended by stay in."""
    pairs = list(zip(texts, examples, strict=True))
    scores: dict[Text, float] = {}
    for file in sorted({text.file for text in texts} - TUNED):
        model = learned([example for text, example in pairs if text.file != file])
        scores |= {text: model.weight(example) for text, example in pairs if text.file == file}
    return scores


def _print(name: str, scores: Mapping[Text, float], stop: float, unsure: float) -> None:
    wishes = [score for text, score in scores.items() if text.label == "stop"]
    others = [score for text, score in scores.items() if text.label == "ordinary"]
    parts = [f"{name:24s} wishes {len(wishes):4d}: stop {_share(wishes, stop)}, at least unsure {_share(wishes, unsure)}"]
    parts += [f"ordinary {len(others):4d}: stop {_share(others, stop)}, at least unsure {_share(others, unsure)}"]
    print(";  ".join(parts), flush=True)


def _share(scores: Iterable[float], limit: float) -> str:
    all_ = list(scores)
    return f"{100 * sum(one >= limit for one in all_) / len(all_):5.1f} %" if all_ else "   -   "
