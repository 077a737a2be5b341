"""How do tokens become a Jinja tree again? Text around them is data, never read as a template."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from outreach.render.environment import Sandbox
from outreach.render.marks import TOKEN, Mark, mark_of

#: An element's own tag; a title, whose content is text; anything else is content.
_MARKUP = re.compile(r"(<title>.*?</title>|<[a-zA-Z/!](?:\"[^\"]*\"|'[^']*'|[^'\"<>])*>)", re.S)
#: Which writer writes a value, by where it stands.
IN_HTML = {"content": "_html", "href": "_href", "attribute": "_attribute"}
IN_TEXT = {"content": "_text"}
IN_SMS = {"content": "_sms"}
IN_LAYOUT = {"content": "_attribute", "href": "_attribute", "attribute": "_attribute"}


class Chunk(NamedTuple):
    """A stretch of text, or a mark and where it stands: content, href or attribute. `dot`: a full stop follows.

    After `written`, `where` is the name of the writer.
    """

    text: str
    mark: Mark | None = None
    where: str = "content"
    dot: bool = False


def text_chunks(text: str, marks: Sequence[Mark]) -> Iterator[Chunk]:
    """Plain text and its marks."""
    yield from _split(text, marks, "content")


def html_chunks(html: str, marks: Sequence[Mark]) -> Iterator[Chunk]:
    """HTML and its marks, each with the kind of place it stands in."""
    for piece in _MARKUP.split(html):
        if piece.startswith("<!--") and TOKEN.fullmatch(piece):
            yield from _split(piece, marks, "content")
        elif piece.startswith("<"):
            yield from _split(piece, marks, "attribute")
        else:
            yield from _split(piece, marks, "content")


def _split(text: str, marks: Sequence[Mark], where: str) -> Iterator[Chunk]:
    at = 0
    for found in TOKEN.finditer(text):
        if found.start() > at:
            yield Chunk(text[at : found.start()])
        whole = text.endswith('href="', 0, found.start()) and text.startswith('"', found.end())
        rest = text[found.end() : found.end() + 2]
        place = "href" if where == "attribute" and whole else where
        yield Chunk("", mark_of(found[1], marks), place, dot=rest[:1] == "." and rest != "..")
        at = found.end()
    if at < len(text):
        yield Chunk(text[at:])


def written(chunks: Iterable[Chunk], writers: dict[str, str]) -> Iterator[Chunk]:
    """The chunks with the name of the writer each value goes through."""
    for chunk in chunks:
        yield chunk._replace(where="_raw" if chunk.mark and chunk.mark.slot else writers.get(chunk.where, chunk.where))


def compiled(chunks: Iterable[Chunk], sandbox: Sandbox, *, shop: Any = None) -> Template:
    """A template whose code is made of vetted marks and plain data only.

    `shop`: the record behind the name `shop`. Its parts are the same in every message, so they become plain data,
    and Jinja writes each stretch of plain data as one.
    """
    root: list[nodes.Node] = []
    lists: list[list[nodes.Node]] = [root]
    ifs: list[nodes.If] = []
    for chunk in chunks:
        mark = chunk.mark
        if mark is None:
            _print(nodes.TemplateData(chunk.text), lists[-1])
        elif mark.kind == "value":
            _print(_printed(mark, chunk, shop), lists[-1])
        else:
            _tag(mark, lists, ifs)
    tree = nodes.Template(root)
    tree.set_lineno(1)
    tree.set_environment(sandbox)
    return sandbox.from_string(tree)


def _print(node: nodes.Expr, into: list[nodes.Node]) -> None:
    """Beside what is printed just before it, if there is something: neighbours that are data become one text."""
    if into and isinstance(into[-1], nodes.Output):
        into[-1].nodes.append(node)
    else:
        into.append(nodes.Output([node]))


def _printed(mark: Mark, chunk: Chunk, shop: Any) -> nodes.Filter:
    assert mark.node is not None
    arguments: list[nodes.Expr] = [nodes.Const(mark.number)]
    if chunk.dot:
        arguments.append(nodes.Const(True))
    value = _Fold(shop).visit(_copied(mark.node))
    return nodes.Filter(value, chunk.where, arguments, [], None, None)


def _copied(part: Any) -> Any:
    """A tree of its own for each template it stands in: folding and compiling change it. A tenth of deepcopy's time."""
    if isinstance(part, nodes.Node):
        return type(part)(*(_copied(getattr(part, name)) for name in part.fields), lineno=part.lineno)
    return [_copied(one) for one in part] if isinstance(part, list) else part


class _Fold(NodeTransformer):
    """Puts the shop's own words in the place of their names: no loop can take the name `shop` (grammar)."""

    def __init__(self, shop: Any) -> None:
        self._shop = shop

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Expr:  # noqa: N802 - Jinja's name
        if isinstance(node.node, nodes.Name) and node.node.name == "shop":
            said = getattr(self._shop, node.attr, None)
            return nodes.Const(said) if isinstance(said, str) else node
        return node


def _tag(mark: Mark, lists: list[list[nodes.Node]], ifs: list[nodes.If]) -> None:
    """Opens, turns or closes a branch. Structure was checked when the marks were read."""
    node = _copied(mark.node)
    if mark.kind in ("if", "elif"):
        branch = nodes.If(node, [], [], [])
        if mark.kind == "if":
            lists[-1].append(branch)
            ifs.append(branch)
        else:
            lists.pop()
            ifs[-1].elif_.append(branch)
        lists.append(branch.body)
    elif mark.kind == "else":
        lists.pop()
        lists.append(ifs[-1].else_)
    elif mark.kind == "for":
        over = nodes.Filter(node, "_list", [], [], None, None)
        loop = nodes.For(nodes.Name(mark.target, "store"), over, [], [], None, False)
        lists[-1].append(loop)
        lists.append(loop.body)
    else:
        lists.pop()
        if mark.kind == "endif":
            ifs.pop()
