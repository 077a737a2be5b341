"""How does a body with tokens become HTML? Headings, lists, links, rules, bold: once per revision.

A tag alone on its line is a block of its own; a loop whose whole content is a list goes inside that list.
"""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from outreach.render.marks import TOKEN, Mark, mark_of

_LIST = {"bullet_list_open": "bullet_list_close", "ordered_list_open": "ordered_list_close"}
Block = list[Token]


def html_of(body: str, marks: Sequence[Mark]) -> str:
    """The body's HTML, tokens in place, a tag block as `<!--token-->`."""
    markdown = _markdown(marks)
    tokens = [token for block in _gathered(_blocks(markdown.parse(body)), marks) for token in block]
    for token in tokens:
        _as_button(token)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _markdown(marks: Sequence[Mark]) -> MarkdownIt:
    made = MarkdownIt("zero").enable(["heading", "list", "hr", "emphasis", "link", "escape", "newline", "entity"])

    def tag_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].strip()
        found = TOKEN.findall(line)
        if not found or TOKEN.sub("", line).strip() or any(mark_of(n, marks).kind == "value" for n in found):
            return False
        if not silent:
            state.push("tag_line", "", 0).content = line
            state.line = start + 1
        return True

    made.block.ruler.before("heading", "tag_line", tag_line, {"alt": ["paragraph", "list"]})
    made.add_render_rule("tag_line", _tag_line_html)
    made.normalizeLink = lambda url: url  # type: ignore[method-assign]
    made.validateLink = lambda url: True  # type: ignore[method-assign]  # links are checked by the compiler
    return made


def _tag_line_html(renderer: RendererHTML, tokens: Sequence[Token], at: int, _: OptionsDict, __: EnvType) -> str:
    return TOKEN.sub(lambda found: f"<!--{found[0]}-->", tokens[at].content)


def _as_button(token: Token) -> None:
    """A paragraph that is one link and nothing else is drawn as a button."""
    inside = token.children or []
    only = [child.type for child in inside]
    if token.level == 1 and only[:1] == ["link_open"] and only[-1:] == ["link_close"] and only.count("link_open") == 1:
        inside[0].attrSet("class", "button")


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """The outermost blocks, each with its own tokens."""
    block: Block = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def _gathered(blocks: Iterator[Block], marks: Sequence[Mark]) -> list[Block]:
    """Lists with tag lines around and between them become one list with the tags inside."""
    made: list[Block] = []
    run: list[Block] = []
    for block in blocks:
        if block[0].type == "tag_line" or block[0].type in _LIST:
            run.append(block)
        else:
            made += [*_joined(run, marks), block]
            run = []
    return made + _joined(run, marks)


def _joined(run: list[Block], marks: Sequence[Mark]) -> list[Block]:
    """The largest stretch around the lists whose tags all close becomes one list; tags outside it stay."""
    lists = [at for at, block in enumerate(run) if block[0].type in _LIST]
    if not lists or len({run[at][0].type for at in lists}) > 1:
        return run
    stretches = ((start, end) for start in range(lists[0] + 1) for end in range(len(run), lists[-1], -1))
    found = next(((a, b) for a, b in stretches if _whole(run[a:b], marks) and not _only_if(run[a:b], marks)), None)
    return run if found is None else [*run[: found[0]], _one_list(run[found[0] : found[1]]), *run[found[1] :]]


def _one_list(run: list[Block]) -> Block:
    lists = [block for block in run if block[0].type in _LIST]
    inner = [token for block in run for token in (block[1:-1] if block[0].type in _LIST else block)]
    return [lists[0][0], *inner, lists[0][-1]]


def _only_if(run: list[Block], marks: Sequence[Mark]) -> bool:
    """An `if` around the whole stretch without another branch: then the list, not its items, comes and goes."""
    first, last = _kind(run[0], marks), _kind(run[-1], marks)
    return first == "if" and last == "endif" and _whole(run[1:-1], marks)


def _kind(block: Block, marks: Sequence[Mark]) -> str:
    found = TOKEN.findall(block[0].content) if block[0].type == "tag_line" else []
    return mark_of(found[0], marks).kind if len(found) == 1 else ""


def _whole(run: list[Block], marks: Sequence[Mark]) -> bool:
    """Whether every tag opened in the run is closed in it, with no branch of something outside."""
    depth = 0
    for block in run:
        for number in TOKEN.findall(block[0].content) if block[0].type == "tag_line" else []:
            kind = mark_of(number, marks).kind
            depth += {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(kind, 0)
            if depth < 0 or (depth == 0 and kind in ("else", "elif")):
                return False
    return depth == 0
