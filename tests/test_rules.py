"""Does every rule of respect have a test that names it, and does the table in docs/respect.md name tests that exist?

A test names a rule in its name or its docstring: `test_rule_21_...`, "Rules 29 to 31", "respect.md 9, 15".
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "respect.md"
RULES = range(1, 39)
_NAMED = re.compile(r"\b(?:rules?|respect(?:\.md)?) (\d+(?:(?:, | and | to |-| )\d+)*)", re.I)
_LINE = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.M)


def rules_in(text: str) -> set[int]:
    """The numbers a name or docstring speaks of; `29 to 31` and `9-15` are all between, too."""
    found: set[int] = set()
    for said in _NAMED.findall(text.replace("_", " ")):
        for part in re.split(r", | and | (?=\d)(?<!to )", said):
            ends = [int(number) for number in re.findall(r"\d+", part)]
            found |= set(range(ends[0], ends[-1] + 1))
    return found


@cache
def naming() -> dict[str, set[int]]:
    """`tests/x/test_y.py::test_z` -> the rules it names."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = rules_in(f"{node.name} {ast.get_docstring(node) or ''}")
                found[f"{path.relative_to(ROOT).as_posix()}::{node.name}"] = named
    return found


def table() -> dict[int, list[str]]:
    """Rule -> the tests its line names: `a/test_b.py::test_c, test_d; e/test_f.py::test_g`, below tests/."""
    found: dict[int, list[str]] = defaultdict(list)
    for number, named in _LINE.findall(TABLE.read_text(encoding="utf-8")):
        for group in named.strip("` ").split("; "):
            file, _, names = group.strip("`").partition("::")
            found[int(number)] += [f"tests/{file}::{name}" for name in names.split(", ")]
    return found


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_named_by_a_test(rule: int):
    assert [name for name, rules in naming().items() if rule in rules]


def test_the_table_has_a_line_for_every_rule():
    assert list(table()) == list(RULES)


def test_the_table_names_tests_that_exist_and_name_their_rule():
    said = [(rule, name) for rule, names in table().items() for name in names]
    assert [name for _, name in said if name not in naming()] == []
    assert [(rule, name) for rule, name in said if rule not in naming()[name]] == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("test_rule_3_any_body", {3}),
        ("test_rules_20_and_24_forgeries", {20, 24}),
        ("Rules 29 to 31.", {29, 30, 31}),
        ("test_rules_7_9_12_a_story", {7, 9, 12}),
        ("respect.md 9-11, 32", {9, 10, 11, 32}),
        ("Rules 1, 18 and 34", {1, 18, 34}),
        ("the ruler 7, respectfully 8, overrules 9", set()),
    ],
)
def test_how_a_rule_is_named(text: str, rules: set[int]):
    assert rules_in(text) == rules
