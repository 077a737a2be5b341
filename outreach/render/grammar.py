"""Is every mark of a template allowed, in its place, and closed? What comes out is text with tokens, and the marks.

Tags: if/elif/else/endif, one-level for/endfor over a listed list, include of a piece by its literal name.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from jinja2 import nodes

from outreach.core.errors import Finding
from outreach.core.terms import FactType
from outreach.render import misread
from outreach.render.expressions import Scope, condition, parsed, printed, value
from outreach.render.marks import Bit, Kind, Mark, cut
from outreach.render.problems import Refusal
from outreach.render.source import Source, no_forged
from outreach.render.variables import said

MOST_MARKS = 400
#: Inside loops, all together: what is written once for each thing of a list.
MOST_LOOPED = 100
MOST_DEPTH = 8
MOST_INCLUDES = 20
#: After so many, the rest of a file is not worth reading.
MOST_FINDINGS = 50
_TAG = re.compile(r"(if|elif|for|include)\b\s*(.+)|(else|endif|endfor)", re.S)
_FOR = re.compile(r"([A-Za-z]\w*)\s+in\s+(.+)", re.S)
_PIECE = re.compile(r"([\"'])(_pieces/[A-Za-z0-9_-][A-Za-z0-9_.-]*\.j2)\1")
_LOOP = {"loop": FactType("loop")}


@dataclass(slots=True)
class _Frame:
    """An open `if` or `for`: the bit that opened it, the scope outside, what is there in the branches to come."""

    kind: str
    bit: Bit
    outside: Scope
    otherwise: frozenset[str] = frozenset()
    has_else: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """Which stretch of which source is read. `at(i)`: where the stretch's letter `i` stands in the source's text."""

    source: Source
    at: Callable[[int], int]
    in_piece: bool = False


class Reader:
    """Reads the fields of one template one after another; `marks`, `findings`, `uses` and `pieces` grow."""

    def __init__(self, scope: Scope, piece: Callable[[str], Source | None]) -> None:
        self.marks: list[Mark] = []
        self.findings: list[Finding] = []
        self.uses: set[str] = set()
        self.pieces: dict[str, Source] = {}
        self._piece = piece
        self._scope = scope
        self._included = 0
        self._looped = 0
        self._frames: list[_Frame] = []

    def body(self, source: Source) -> str:
        """The body with tokens in place of its marks."""
        return self.read(source.body, Where(source, lambda at: source.body_at + at))

    def front(self, source: Source, key: str, text: str) -> str:
        """A front matter value with tokens in place of its marks."""
        offsets = source.front_offsets(key, text)
        return " ".join(self.read(text, Where(source, offsets.__getitem__)).split())

    def read(self, text: str, where: Where) -> str:
        """`text` with tokens. All that is wrong becomes findings."""
        outer, self._frames, scope = self._frames, [], self._scope
        made: list[str] = []
        try:
            for bit in cut(text):
                made.append(bit.raw if bit.kind == "text" else self._guarded(bit, where))
            no_forged("".join(made))
        except Refusal as refusal:
            self._note(refusal, Bit("text", "", len(text) - len(refusal.needle), refusal.needle[:2]), where)
        for frame in self._frames[:MOST_DEPTH]:
            unclosed = Refusal("OUT-111", f"this `{frame.kind}` is never closed", help=f"{{% end{frame.kind} %}}")
            self._note(unclosed, frame.bit, where)
        self._frames, self._scope = outer, scope
        return "".join(made)

    def _guarded(self, bit: Bit, where: Where) -> str:
        if len(self.findings) >= MOST_FINDINGS:
            return ""
        try:
            self._count()
            return self._value(bit, where) if bit.kind == "value" else self._tag(bit, where)
        except Refusal as refusal:
            self._note(refusal, bit, where)
            return ""

    def _count(self) -> None:
        """With lists of at most contexts.MOST_LISTED things this bounds the work of one message (decision 17)."""
        self._looped += bool(self._scope.loops)
        if len(self.marks) >= MOST_MARKS:
            raise Refusal("OUT-132", f"a template has at most {MOST_MARKS} values and tags")
        if self._looped > MOST_LOOPED:
            raise Refusal("OUT-132", f"loops hold at most {MOST_LOOPED} values and tags")

    def _value(self, bit: Bit, where: Where) -> str:
        found = printed(bit.inner, self._scope)
        return self._mark("value", bit, where, node=found.node, slot=found.kind.name == "slot")

    def _tag(self, bit: Bit, where: Where) -> str:
        found = _TAG.fullmatch(bit.inner)
        if found is None:
            self._as_if(bit)
            raise misread.tag(bit.inner)
        word, rest = found[1] or found[3], found[2] or ""
        if word == "include":
            return self._include(rest, where)
        handle = {"if": self._if, "elif": self._elif, "else": self._else, "for": self._for}.get(word, self._end)
        return handle(rest or word, bit, where)

    def _as_if(self, bit: Bit) -> None:
        """A slip in `if`, `for` or their ends opens or closes all the same: one slip is one finding."""
        word = (bit.inner.split() or [""])[0]
        if word in ("if", "for"):
            self._frames.append(_Frame(word, bit, self._scope))
        elif word in ("endif", "endfor") and self._frames and self._frames[-1].kind == word.removeprefix("end"):
            self._scope = self._frames.pop().outside

    def _if(self, text: str, bit: Bit, where: Where) -> str:
        frame = _Frame("if", bit, self._scope)
        self._frames.append(frame)
        if len(self._frames) > MOST_DEPTH:
            raise Refusal("OUT-132", f"tags may stand inside one another {MOST_DEPTH} deep")
        asked = condition(parsed(text), self._scope)
        frame.otherwise = asked.when_false
        self._scope = frame.outside.knowing(asked.when_true)
        return self._mark("if", bit, where, node=asked.node)

    def _elif(self, text: str, bit: Bit, where: Where) -> str:
        frame = self._open("if", "elif")
        asked = condition(parsed(text), frame.outside.knowing(frame.otherwise))
        self._scope = frame.outside.knowing(frame.otherwise | asked.when_true)
        frame.otherwise |= asked.when_false
        return self._mark("elif", bit, where, node=asked.node)

    def _else(self, _: str, bit: Bit, where: Where) -> str:
        frame = self._open("if", "else")
        frame.has_else = True
        self._scope = frame.outside.knowing(frame.otherwise)
        return self._mark("else", bit, where)

    def _open(self, kind: str, word: str) -> _Frame:
        frame = self._frames[-1] if self._frames else None
        if frame is None or frame.kind != kind or (frame.has_else and word in ("elif", "else")):
            raise Refusal("OUT-111", f"`{word}` has no `{kind}` before it")
        return frame

    def _end(self, word: str, bit: Bit, where: Where) -> str:
        frame = self._open(word.removeprefix("end"), word)
        self._frames.pop()
        self._scope = frame.outside
        return self._mark("endif" if word == "endif" else "endfor", bit, where)

    def _for(self, text: str, bit: Bit, where: Where) -> str:
        outside = self._scope
        self._frames.append(_Frame("for", bit, outside))
        found = _FOR.fullmatch(text)
        if found is None:
            raise Refusal("OUT-133", "a loop is written: for item in order.items")
        if outside.loops:
            raise Refusal("OUT-133", "a loop cannot stand inside a loop")
        target = found[1]
        if target in outside.schema.names or target == "loop":
            raise Refusal("OUT-133", f"`{target}` is a name already", needle=target)
        over = value(parsed(found[2]), outside)
        if not over.kind.many or not isinstance(over.node, nodes.Name | nodes.Getattr):
            raise Refusal("OUT-133", f"a loop goes over a list, not over a {said(over.kind)}", needle=over.path)
        self._scope = replace(outside, loops={target: FactType(over.kind.name), **_LOOP})
        return self._mark("for", bit, where, node=over.node, target=target)

    def _include(self, text: str, where: Where) -> str:
        found = _PIECE.fullmatch(text.strip())
        if found is None or where.in_piece or ".." in found[2]:
            help = '{% include "_pieces/name.j2" %}, and none inside a piece'
            raise Refusal("OUT-134", "only a piece can be included, by its name written out", needle=text, help=help)
        self._included += 1
        if self._included > MOST_INCLUDES:
            raise Refusal("OUT-132", f"a template includes at most {MOST_INCLUDES} pieces", needle=found[2])
        piece = self._piece(found[2])
        if piece is None:
            raise Refusal("OUT-134", f"there is no {found[2]}", needle=found[2])
        self.pieces[found[2]] = piece
        return self.read(piece.text.rstrip("\n"), Where(piece, lambda at: at, in_piece=True))

    def _mark(self, kind: Kind, bit: Bit, where: Where, **more: object) -> str:
        place = where.source.place(where.at(bit.at), len(bit.raw))
        mark = replace(Mark(len(self.marks), kind, place), **more)  # type: ignore[arg-type]
        self.marks.append(mark)
        if mark.node is not None:
            self.uses |= names_in(mark.node, self._scope.loops)
        return mark.token

    def _note(self, refusal: Refusal, bit: Bit, where: Where) -> None:
        found = _whole_word(refusal.needle, bit.raw) if refusal.needle else None
        at, width = (found.start(), len(refusal.needle)) if found else (0, len(bit.raw))
        place = where.source.place(where.at(bit.at + at), width)
        self.findings.append(Finding(refusal.code, refusal.message, place, refusal.help, refusal.facts))


def _whole_word(needle: str, text: str) -> re.Match[str] | None:
    before = r"(?<![\w.])" if needle[0].isalnum() else ""
    after = r"(?!\w)" if needle[-1].isalnum() else ""
    return re.search(f"{before}{re.escape(needle)}{after}", text)


def names_in(node: nodes.Expr | None, loops: Collection[str] = ()) -> set[str]:
    """The dotted names an expression reads, those of `loops` aside."""
    names: set[str] = set()
    waiting: list[nodes.Node] = [node] if node is not None else []
    while waiting:
        current = waiting.pop()
        path, inner = "", current
        while isinstance(inner, nodes.Getattr):
            path, inner = f".{inner.attr}{path}", inner.node
        if isinstance(inner, nodes.Name):
            names |= set() if inner.name in loops else {inner.name + path}
        else:
            waiting.extend(current.iter_child_nodes())
    return names
