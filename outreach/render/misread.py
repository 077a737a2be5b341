"""What was meant by an expression or a tag that cannot be read? Said in plain words, pointing at the letter."""

import re

from outreach.render.problems import Refusal

_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\u2033]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WITH_COLON = re.compile(r"\|\s*(\w+)\s*:")
_SIGNS = {"&&": "and", "||": "or", "!=": "", "!": "not", "=": "=="}
_SIGN = re.compile(r"&&|\|\||[=!<>]=|!|=")
_GOT = re.compile(r"got '(.+)'")
_CHARACTER = re.compile(r"unexpected char '(.+)' at")
_ELSE_IF = re.compile(r"else\s*if|elsif|elseif|elif")


def expression(text: str, said: str) -> Refusal:
    """The refusal (OUT-111) for an expression; `said` is what the parser says of it."""
    bare = _QUOTED.sub("", text)
    if not text.strip():
        return Refusal("OUT-111", "nothing stands between the braces", help="{{ order.number }}")
    if text.lstrip().startswith("{") or text.rstrip().endswith("}"):
        return Refusal("OUT-111", "there is a brace too many: two on each side", help="{{ order.number }}")
    if curly := _CURLY.search(bare):
        help = 'write " instead; word processors change it by themselves'
        return Refusal("OUT-111", f"{curly[0]} is not the quote that is read here", needle=curly[0], help=help)
    if colon := _WITH_COLON.search(bare):
        name = "or" if colon[1] == "default" else colon[1]
        message = "what a filter is given stands in brackets, not after a colon"
        return Refusal("OUT-111", message, needle=colon[0][colon[0].index(colon[1]) :], help=f'| {name}("…")')
    for sign in _SIGN.findall(bare):
        if meant := _SIGNS.get(sign, ""):
            return Refusal("OUT-111", f"`{sign}` is not read here: write `{meant}`", needle=sign)
    found = _CHARACTER.search(said) or _GOT.search(said)
    if found is None or found[1].startswith("end of"):
        return Refusal("OUT-111", "this expression is not finished, or a quote or bracket is not closed")
    return Refusal("OUT-111", f"this cannot be read: `{found[1]}` cannot stand here", needle=found[1])


def tag(inner: str) -> Refusal:
    """The refusal for a tag that is none of ours (OUT-131), or that lacks what it needs (OUT-111)."""
    word = (inner.split() or [""])[0]
    if not word:
        return Refusal("OUT-131", "nothing stands between {% and %}")
    if inner in ("if", "elif"):
        return Refusal(
            "OUT-111", f"`{word}` needs what it asks about", needle=word, help=f"{{% {word} order.carrier %}}"
        )
    if inner == "for":
        return Refusal("OUT-111", "`for` needs a list", needle=word, help="{% for item in order.items %}")
    if inner == "include":
        return Refusal("OUT-111", "`include` needs the name of a piece", needle=word, help='include "_pieces/name.j2"')
    if _ELSE_IF.match(inner):
        return Refusal("OUT-131", "this is written `elif`", needle=word, help="{% elif order.carrier %}")
    if word in ("else", "endif", "endfor"):
        return Refusal("OUT-131", f"`{word}` stands alone", needle=word, help=f"{{% {word} %}}")
    help = "we have if, elif, else, endif, for, endfor and include"
    return Refusal("OUT-131", f"the tag `{word}` is not allowed in a template", needle=word, help=help)
