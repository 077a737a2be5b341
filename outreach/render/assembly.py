"""How do tokens become a Jinja tree again? Text around them is data, never read as a template."""

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import Template, nodes

from outreach.render.environment import Sandbox
from outreach.render.marks import TOKEN, Mark

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
        yield Chunk("", marks[int(found[1])], place, dot=rest[:1] == "." and rest != "..")
        at = found.end()
    if at < len(text):
        yield Chunk(text[at:])


def written(chunks: Iterable[Chunk], writers: dict[str, str]) -> Iterator[Chunk]:
    """The chunks with the name of the writer each value goes through."""
    for chunk in chunks:
        yield chunk._replace(where="_raw" if chunk.mark and chunk.mark.slot else writers.get(chunk.where, chunk.where))


def compiled(chunks: Iterable[Chunk], sandbox: Sandbox) -> Template:
    """A template whose code is made of vetted marks and plain data only."""
    root: list[nodes.Node] = []
    lists: list[list[nodes.Node]] = [root]
    ifs: list[nodes.If] = []
    for chunk in chunks:
        mark = chunk.mark
        if mark is None:
            lists[-1].append(nodes.Output([nodes.TemplateData(chunk.text)]))
        elif mark.kind == "value":
            lists[-1].append(nodes.Output([_printed(mark, chunk.where, chunk.dot)]))
        else:
            _tag(mark, lists, ifs)
    tree = nodes.Template(root)
    tree.set_lineno(1)
    tree.set_environment(sandbox)
    return sandbox.from_string(tree)


def _printed(mark: Mark, writer: str, dot: bool) -> nodes.Filter:
    arguments: list[nodes.Expr] = [nodes.Const(mark.number)]
    if dot:
        arguments.append(nodes.Const(True))
    return nodes.Filter(copy.deepcopy(mark.node), writer, arguments, [], None, None)


def _tag(mark: Mark, lists: list[list[nodes.Node]], ifs: list[nodes.If]) -> None:
    """Opens, turns or closes a branch. Structure was checked when the marks were read."""
    node = copy.deepcopy(mark.node)
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
