"""Is this filter used as it may be: known, on the right type, with its words written out?"""

import difflib
import re

from jinja2 import nodes

from outreach.core.terms import Channel, FactType
from outreach.render import formats
from outreach.render.filters import INSTEAD, SPECS, Spec
from outreach.render.problems import Refusal
from outreach.render.variables import said

_BRACES = re.compile(r"\{[^{}]{0,20}\}?|\}")


def spec_of(node: nodes.Filter) -> Spec:
    """What the filter takes and gives. Raises Refusal (OUT-114 unknown, OUT-133 computed, OUT-115 wrong words)."""
    spec = SPECS.get(node.name)
    if spec is None:
        raise _no_such_filter(node.name)
    literal = [*node.args, *(pair.value for pair in node.kwargs)]
    if node.dyn_args or node.dyn_kwargs or not all(isinstance(n, nodes.Const) for n in literal):
        raise Refusal("OUT-133", f"the words given to `{node.name}` must be written out", needle=node.name)
    named = {pair.key for pair in node.kwargs}
    types = [spec.arg_type] * len(node.args) + [str] * len(node.kwargs)
    fits = spec.least <= len(node.args) <= spec.args and named <= set(spec.named)
    if not fits or not all(type(n.as_const()) is kind for n, kind in zip(literal, types, strict=True)):
        message = f"`{node.name}` is not given what it needs"
        raise Refusal("OUT-115", message, needle=node.name, help=usage(node.name))
    if node.name == "or" and not str(literal[0].as_const()).strip():
        raise Refusal("OUT-115", '`or("")` would print nothing', needle="or", help="{% if … %} around the words")
    for pair in node.kwargs if node.name == "plural" else []:
        if odd := _BRACES.search(str(pair.value.as_const()).replace("{n}", "")):
            message = f"the words of `plural` hold {{n}} and no other brace, not {odd[0]}"
            raise Refusal("OUT-115", message, needle=odd[0], help=usage("plural"))
    return spec


def fits(node: nodes.Filter, spec: Spec, kind: FactType, path: str) -> None:
    """Raises Refusal (OUT-115) when the filter is not for values of this type."""
    if kind.many == spec.many and kind.name in spec.takes:
        return
    takes = " or ".join(sorted(spec.takes))
    message = f"`{node.name}` is for {'a list of ' if spec.many else ''}{takes}, not for {said(kind)}"
    help = 'put `or("…")` last, after the filter that writes it' if node.name == "or" or kind.name == "written" else ""
    raise Refusal("OUT-115", message, needle=path, help=help)


def suits(node: nodes.Filter, locale: str, channel: Channel) -> None:
    """Raises Refusal (OUT-115) when the filter does not suit the channel or lacks forms the language has."""
    if node.name == "plain" and channel is not Channel.TEXT:
        raise Refusal("OUT-115", "`plain` is for texts only: an email has room for accents", needle="plain")
    lacking = sorted(formats.plural_forms(locale) - {pair.key for pair in node.kwargs})
    if node.name == "plural" and lacking:
        message = f"this language needs another form: {', '.join(lacking)}"
        raise Refusal("OUT-115", message, needle="plural", help=usage("plural"))


def usage(name: str) -> str:
    """How the filter is written."""
    known = {
        "or": 'or("there")',
        "link": 'link("See it")',
        "names": "names or names(3)",
        "plural": 'plural(one="1 day", other="{n} days")',
    }
    return "| " + known.get(name, name)


def _no_such_filter(name: str) -> Refusal:
    close = difflib.get_close_matches(name, SPECS, 1)
    meant = INSTEAD.get(name) or (close[0] if close else "")
    facts = (f"did you mean `{meant}`?",) if meant else (f"we have: {', '.join(SPECS)}",)
    return Refusal("OUT-114", f"there is no filter `{name}`", needle=name, facts=facts)
