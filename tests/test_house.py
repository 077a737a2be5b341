"""Does the source keep the rules of the house? Floors, sizes, names, clocks and codes, read with `ast`."""

import ast
import contextlib
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES, FUNCTION_LINES, PARAMETERS = 250, 40, 5
BANNED_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "service", "processor"})

#: Place -> what of ours it may import, besides itself. The longest place that fits a module decides.
FLOORS: dict[str, tuple[str, ...]] = {
    "outreach": (),
    "outreach.core": (),
    "outreach.documents": ("outreach.core",),
    "outreach.quantities": ("outreach.core",),
    "outreach.settings": (
        "outreach.core",
        "outreach.documents",
        "outreach.quantities",
        "outreach.settings_replies",
        "outreach.settings_wishes",
    ),
    "outreach.settings_wishes": ("outreach.core", "outreach.documents"),
    "outreach.settings_replies": ("outreach.core", "outreach.documents", "outreach.quantities"),
    "outreach.campaigns": ("outreach.core", "outreach.documents", "outreach.quantities"),
    "outreach.wishes_words": ("outreach.core", "outreach.documents"),
    "outreach.store": ("outreach.core",),
    "outreach.records": ("outreach.core", "outreach.documents", "outreach.store"),
    "outreach.render": ("outreach.core", "outreach.documents"),
    "outreach.inbound": ("outreach.core",),
    "outreach.providers": ("outreach.core",),
    "outreach.flows": (
        "outreach.core",
        "outreach.store",
        "outreach.records",
        "outreach.render",
        "outreach.inbound",
        "outreach.providers.base",
        "outreach.documents",
        "outreach.settings",
        "outreach.campaigns",
    ),
    "outreach.cli": (
        "outreach.flows",
        "outreach.bootstrap",
        "outreach.core",
        "outreach.settings",
        "outreach.store.reports",
        "outreach.worker",
        "outreach.web",
        "outreach.render.pages_words",
        "outreach.observe",
    ),
    "outreach.web": (
        "outreach.flows",
        "outreach.bootstrap",
        "outreach.core",
        "outreach.settings",
        "outreach.store.reports",
        "outreach.render.pages_words",
    ),
    "outreach.worker": (
        "outreach.flows",
        "outreach.bootstrap",
        "outreach.core",
        "outreach.settings",
        "outreach.observe",
    ),
    "outreach.observe": ("outreach.core",),
    "outreach.bootstrap": ("outreach",),
    "jobs": ("outreach.flows", "outreach.bootstrap", "outreach.core", "outreach.cli", "outreach.store.reports"),
    "jobs.scans": ("outreach.store.shop",),
}
#: Our package's own name and version may be read anywhere.
ANYBODY = frozenset({"outreach.__version__"})
#: Library -> where it lives.
HOMES: dict[str, tuple[str, ...]] = {
    "sqlalchemy": ("outreach.store", "outreach.bootstrap", "outreach.flows", "outreach.records", "jobs.scans"),
    "alembic": ("outreach.store",),
    "psycopg": ("outreach.store",),
    "jinja2": ("outreach.render",),
    "markdown_it": ("outreach.render",),
    "zstandard": ("outreach.render",),
    "css_inline": ("outreach.render",),
    "babel": ("outreach.render", "outreach.records"),
    "phonenumbers": ("outreach.records",),
    "email_validator": ("outreach.records",),
    "itsdangerous": ("outreach.render",),
    "typer": ("outreach.cli",),
    "dramatiq": ("outreach.worker",),
    "redis": ("outreach.worker",),
    "structlog": ("outreach.observe",),
    "rich": ("outreach.cli",),
    "starlette": ("outreach.web",),
    "anyio": ("outreach.web",),
    "uvicorn": ("outreach.cli.serve",),
}
#: Below the edges but above the store, one says what one is handed, and never builds a statement.
NAMED_ONLY = ("outreach.flows", "outreach.records")
MAY_NAME = frozenset({"Engine", "Connection", "Select"})
#: What the pure core never asks: the clock, chance, the environment, the disk, the network, a log.
CORE_NEVER = frozenset({"io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time", "uuid"})
CODE = re.compile(r"OUT-\d{3}")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|opt/wheels|tmp/build|home/\w+|Users/\w+)/|[A-Z]:\\\\Users")
REGISTRY = re.compile(
    r"pypi\.(?:org|python)|python[h]osted|npm[j]s|(?:index-url|find-links)\s*[=:]\s*\S|/simpl[e]/", re.I
)


@dataclass(frozen=True)
class Module:
    """One source file, parsed once."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def name(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def place(self) -> str:
        return max((p for p in FLOORS if under(self.name, p)), key=len)

    @cached_property
    def imports(self) -> list[tuple[str, ast.stmt]]:
        """Every import with the dotted name it reaches: `from a.b import c` is a.b.c."""
        found: list[tuple[str, ast.stmt]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(alias.name, node) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [(f"{'.' * node.level}{node.module or ''}.{alias.name}", node) for alias in node.names]
        return found

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def under(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


MODULES = [Module(p) for top in ("outreach", "jobs") for p in sorted((ROOT / top).rglob("*.py"))]
WRITTEN = [m for m in MODULES if "versions" not in m.path.parts]  # migrations are history, not prose
NAMES = frozenset(m.name for m in MODULES)
every_module = pytest.mark.parametrize("module", WRITTEN, ids=lambda m: m.name)


@every_module
def test_imports_go_down(module: Module):
    allowed = (*FLOORS[module.place], module.place) if module.place != "outreach" else ()
    wrong = [
        f"line {node.lineno}: {name}"
        for name, node in module.imports
        if name.split(".")[0] in ("outreach", "jobs")
        and name not in ANYBODY
        and not any(under(name, place) for place in allowed)
    ]
    assert not wrong, f"{wrong}: {module.place} may import only {', '.join(allowed)}"


@every_module
def test_libraries_stay_at_home(module: Module):
    for name, node in module.imports:
        library = name.split(".")[0]
        homes = HOMES.get(library, ("outreach", "jobs"))
        assert any(under(module.name, home) for home in homes), f"line {node.lineno}: {library} lives in {homes}"
        if module.place in ("outreach.core", "jobs.scans") and library not in ("outreach", "sqlalchemy"):
            assert library in sys.stdlib_module_names, f"line {node.lineno}: {module.place} needs no {library}"


@pytest.mark.parametrize("module", [m for m in WRITTEN if m.place in NAMED_ONLY], ids=lambda m: m.name)
def test_statements_are_built_in_the_store(module: Module):
    if module.name.startswith("outreach.records.sql"):
        return  # it reads somebody else's database
    used = {name.removeprefix("sqlalchemy.") for name, _ in module.imports if name.startswith("sqlalchemy.")}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("sa", "sqlalchemy")
        ):
            used.add(node.attr)
    assert used <= MAY_NAME, "only the store speaks SQL"


@every_module
def test_imports_stand_at_the_top_and_are_absolute(module: Module):
    for_types = [n for n in module.tree.body if isinstance(n, ast.If) and ast.unparse(n.test).endswith("TYPE_CHECKING")]
    top = [*module.tree.body, *(inner for block in for_types for inner in block.body)]
    for name, node in module.imports:
        assert node in top, f"line {node.lineno}: {name} is imported inside a block"
        assert not name.startswith("."), f"line {node.lineno}: imports are absolute"


@every_module
def test_pieces_are_small(module: Module):
    lines = module.text.count("\n")
    assert lines <= MODULE_LINES, f"{lines} lines"
    for node in module.functions:
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        assert length <= FUNCTION_LINES, f"{node.name} has {length} lines"
        count = len([a for a in _parameters(node) if a not in ("self", "cls")])
        flags = under(module.name, "outreach.cli")  # there each flag is a parameter
        assert count <= PARAMETERS or flags, f"{node.name} has {count} parameters"


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


@every_module
def test_a_module_says_which_question_it_answers(module: Module):
    assert module.path.stem not in BANNED_NAMES, "name it for what it knows"
    if module.tree.body:
        first = (ast.get_docstring(module.tree) or "").split("\n\n")[0].rstrip()
        assert "?" in first or first.endswith("."), "a module opens with a question, or at least a sentence"


@every_module
def test_only_edges_commit_and_swallow(module: Module):
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            assert module.name == "outreach.store.engine", f"line {node.lineno}: functions below the edge never commit"
        if isinstance(node, ast.ExceptHandler) and module.name != "outreach.cli.main":
            caught = ast.unparse(node.type) if node.type else "everything"
            wide = {"everything", "Exception", "BaseException"} & set(re.findall(r"\w+", caught))
            assert not wide, f"line {node.lineno}: catches {caught}; say what may go wrong"


@pytest.mark.parametrize("module", [m for m in WRITTEN if m.place == "outreach.core"], ids=lambda m: m.name)
def test_the_core_is_pure(module: Module):
    for name, node in module.imports:
        assert name.split(".")[0] not in CORE_NEVER, f"line {node.lineno}: {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
            assert ast.unparse(node.value) not in ("datetime", "date"), f"line {node.lineno}: the core has no clock"
        if isinstance(node, ast.Name):
            assert node.id != "open", f"line {node.lineno}: the core reads no files"


def test_nothing_imports_in_circles():
    edges = {m.name: set(_reached(m)) - {m.name} for m in MODULES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(edges.get(name, ())):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(edges):
        visit(name, ())


def _reached(module: Module) -> Iterator[str]:
    for name, _ in module.imports:
        yield name if name in NAMES else name.rpartition(".")[0]


def test_every_error_code_is_explained_once():
    explained: dict[str, str] = {}
    for module in MODULES:
        if module.name.startswith("outreach.core.codes_"):
            for code in importlib.import_module(module.name).EXPLANATIONS:
                assert code not in explained, f"{code} is in {explained[code]} and in {module.name}"
                explained[code] = module.name
    used = {(code, module.name) for module in WRITTEN for code in _codes(module.tree)}
    missing = sorted(f"{code} ({name})" for code, name in used if code not in explained)
    assert not missing, "`outreach explain` would not know:\n" + "\n".join(missing)


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from CODE.findall(node.value)


def test_no_file_names_a_machine_or_a_registry():
    found = []
    for path in _tracked():
        with contextlib.suppress(UnicodeDecodeError, FileNotFoundError):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if MACHINE_PATH.search(line) or REGISTRY.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "these are of one machine:\n" + "\n".join(found)


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in ROOT.rglob("*") if p.is_file() and not any(part.startswith(".venv") for part in p.parts)]


def test_the_way_in_is_small_too():
    assert (ROOT / "dev.py").read_text(encoding="utf-8").count("\n") <= MODULE_LINES
