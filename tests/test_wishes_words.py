"""Is config/keywords.yaml read, and is what is wrong in it named with its place?"""

import re
from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.documents import load
from outreach.wishes_words import FILE, _File, _Phrased, load_words

ROOT = Path(__file__).resolve().parents[1]
GOOD = "languages:\n  en:\n    classes: {thing: [texts]}\n    stop:\n      - stop <thing>\n"


def project(tmp_path: Path, text: str) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "keywords.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_shipped_words_are_read():
    assert load_words(ROOT).whole["stop"].language == "en"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (GOOD.replace("<thing>\n", "<thong>\n"), "config/keywords.yaml:5:9", "<thong> is not a class"),
        (GOOD.replace("stop <thing>\n", "stop (a\n"), "config/keywords.yaml:5:9", "is not understood"),
        (GOOD.replace("stop:", "stopp:"), "config/keywords.yaml:4:5", '"languages.en.stopp" is not a key we have'),
        (GOOD.replace("[texts]", "[true]"), "config/keywords.yaml:3:23", "should be a valid string"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, place: str, said: str):
    with pytest.raises(Misuse) as caught:
        load_words(project(tmp_path, text))
    assert (caught.value.code, str(caught.value.place)) == ("OUT-507", place)
    assert said in caught.value.message


def test_every_class_is_named_by_some_phrase():
    file = load(ROOT / FILE, _File, shown=FILE)
    shared = _named(file.everywhere)
    for name, language in file.languages.items():
        idle = set(language.classes) - _named(language) - shared
        assert not idle, f"{name}: {sorted(idle)} do nothing"


def _named(phrased: _Phrased) -> set[str]:
    texts = [phrase for phrases in phrased.tongue().phrases.values() for phrase in phrases]
    return {name for text in texts for names in re.findall(r"<([^<>]*)>", text) for name in names.split("|")}


def test_no_file_is_refused(tmp_path: Path):
    with pytest.raises(Misuse, match="is not there"):
        load_words(tmp_path)
