"""Is this one expression allowed, and what type has it?

Names of the campaign's schema, the closed list of filters with literal arguments, comparisons, and/or/not, inline
if. The text is parsed and never evaluated; whatever is not on the list is refused (settled 28, faults Security 1).
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import jinja2
from jinja2 import nodes

from outreach.core.terms import Channel, FactType
from outreach.render import filter_rules, misread
from outreach.render.problems import Refusal
from outreach.render.variables import SCALARS, Schema, said, unknown

MOST_LETTERS = 500
_PARSER = jinja2.Environment()
_WRITTEN = frozenset({"text", "written", "code", "number"})
_ORDERED = frozenset({"number", "date", "text", "code"})
_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Call: "nothing can be called in a template",
    nodes.Getitem: "a value is read by its name, with dots: `order.number`",
    nodes.Concat: "words are joined by writing them side by side",
    nodes.Test: "ask `{% if name %}`: is it there",
    nodes.BinExpr: "a template does not calculate",
    nodes.UnaryExpr: "a template does not calculate",
    nodes.TemplateData: "one expression stands between the braces",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be named here. `loops`: the loop's own names. `there`: dotted names an enclosing `if` asked about."""

    schema: Schema
    locale: str
    channel: Channel
    loops: dict[str, FactType] = field(default_factory=dict)
    there: frozenset[str] = frozenset()

    def knowing(self, there: frozenset[str]) -> "Scope":
        return replace(self, there=self.there | there)


class Vetted(NamedTuple):
    """An allowed value, its type, and the dotted name it comes from."""

    node: nodes.Expr
    kind: FactType
    path: str = ""


class Asked(NamedTuple):
    """An allowed condition; which names are there when it holds, and when it does not."""

    node: nodes.Expr
    when_true: frozenset[str] = frozenset()
    when_false: frozenset[str] = frozenset()


def parsed(text: str) -> nodes.Expr:
    """The one expression `text` is. Raises Refusal (OUT-111, OUT-132); nothing is evaluated."""
    if len(text) > MOST_LETTERS:
        raise Refusal("OUT-132", f"this expression is longer than {MOST_LETTERS} characters")
    if not text.strip():
        raise misread.expression(text, "")
    try:
        body = _PARSER.parse("{{ " + text + " }}").body
    except jinja2.TemplateSyntaxError as error:
        raise misread.expression(text, error.message or "") from None
    except RecursionError:
        raise Refusal("OUT-132", "this expression is nested too deeply") from None
    only = body[0].nodes if len(body) == 1 and isinstance(body[0], nodes.Output) else []
    if len(only) != 1:
        raise Refusal("OUT-132", "one expression stands between the braces")
    return only[0]


def printed(text: str, scope: Scope) -> Vetted:
    """A value that is to be printed: typed, written in words, never missing. Raises Refusal."""
    found = value(parsed(text), scope)
    name = found.path or text
    if found.kind.may_miss:
        help = f'{{% if {name} %}}…{{% endif %}}, or `| or("…")`'
        raise Refusal("OUT-113", f"`{name}` may be missing, and this line needs it", needle=found.path, help=help)
    if found.kind.many or found.kind.name not in SCALARS | {"slot", "written"}:
        raise Refusal("OUT-116", f"`{name}` is a {said(found.kind)}: name one of its parts", needle=found.path)
    if found.kind.name in ("date", "money", "time"):
        wanted = {"date": "date", "money": "money", "time": "time"}[found.kind.name]
        raise Refusal("OUT-116", f"`{name}` needs a filter to be written", needle=found.path, help=f"| {wanted}")
    return found


def value(node: nodes.Expr, scope: Scope) -> Vetted:
    """A value of any type. Raises Refusal for whatever is not on the list."""
    if isinstance(node, nodes.Name | nodes.Getattr):
        return _named(node, scope)
    if isinstance(node, nodes.Const):
        return _constant(node)
    if isinstance(node, nodes.Filter):
        return _filtered(node, scope)
    if isinstance(node, nodes.CondExpr):
        return _chosen(node, scope)
    if isinstance(node, nodes.And | nodes.Or | nodes.Not | nodes.Compare):
        help = '| or("…")' if isinstance(node, nodes.Or) else "{% if … %}"
        raise Refusal("OUT-116", "a condition cannot be printed", help=help)
    why = next((text for kind, text in _FORBIDDEN.items() if isinstance(node, kind)), "")
    message = f"{type(node).__name__} is not allowed in a template"
    raise Refusal("OUT-132", message, facts=(why,) if why else ())


def condition(node: nodes.Expr, scope: Scope) -> Asked:
    """A condition. A bare name asks "is it there". Raises Refusal."""
    if isinstance(node, nodes.Not):
        inner = condition(node.node, scope)
        return Asked(nodes.Not(inner.node), inner.when_false, inner.when_true)
    if isinstance(node, nodes.And):
        left = condition(node.left, scope)
        right = condition(node.right, scope.knowing(left.when_true))
        return Asked(nodes.And(left.node, right.node), left.when_true | right.when_true)
    if isinstance(node, nodes.Or):
        left = condition(node.left, scope)
        right = condition(node.right, scope.knowing(left.when_false))
        return Asked(nodes.Or(left.node, right.node), frozenset(), left.when_false | right.when_false)
    if isinstance(node, nodes.Compare):
        return Asked(_compared(node, scope))
    if isinstance(node, nodes.Name | nodes.Getattr):
        found = _named(node, scope)
        if found.kind.name == "flag":
            return Asked(found.node)
        return Asked(nodes.Filter(found.node, "_there", [], [], None, None), frozenset({found.path}))
    value(node, scope)  # refuses with the better words, if there are any
    raise Refusal("OUT-132", "a condition names a value or compares two")


def path_of(node: nodes.Node) -> list[str]:
    """`order.main_item.name` as its parts. Raises Refusal (OUT-135) for names a program would use."""
    if isinstance(node, nodes.Name):
        parts = [node.name]
    elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        parts = [node.attr]  # whatever it is a part of
    elif isinstance(node, nodes.Getattr):
        parts = [*path_of(node.node), node.attr]
    else:
        raise Refusal("OUT-132", "only a name has parts", needle=getattr(node, "attr", ""))
    if parts[-1].startswith("_"):
        raise Refusal("OUT-135", f"`{parts[-1]}` is not a name a template may use", needle=parts[-1])
    return parts


def _named(node: nodes.Name | nodes.Getattr, scope: Scope) -> Vetted:
    parts = path_of(node)
    path = ".".join(parts)
    kind = scope.loops.get(parts[0]) or scope.schema.names.get(parts[0])
    if kind is None:
        raise unknown(scope.schema, path)
    may_miss = kind.may_miss and not _known(parts[0], scope)
    for depth, part in enumerate(parts[1:], 2):
        found = scope.schema.step(kind, part)
        if found is None:
            raise unknown(scope.schema, path)
        kind = found
        may_miss = may_miss or (kind.may_miss and not _known(".".join(parts[:depth]), scope))
    return Vetted(node, FactType(kind.name, kind.many, may_miss), path)


def _known(path: str, scope: Scope) -> bool:
    return any(name == path or name.startswith(path + ".") for name in scope.there)


def _constant(node: nodes.Const) -> Vetted:
    if isinstance(node.value, str):
        return Vetted(node, FactType("text"))
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return Vetted(node, FactType("number"))
    said = str(node.value).lower() if node.value in (True, False, None) else str(node.value)
    raise Refusal("OUT-132", f"`{said}` is not a word or a whole number", needle=said)


def _chosen(node: nodes.CondExpr, scope: Scope) -> Vetted:
    asked = condition(node.test, scope)
    then = value(node.expr1, scope.knowing(asked.when_true))
    if node.expr2 is None:
        raise Refusal("OUT-132", "an inline `if` needs its `else`", help='"…" if … else "…"')
    other = value(node.expr2, scope.knowing(asked.when_false))
    names = {then.kind.name, other.kind.name}
    if then.kind.many or other.kind.many or (len(names) > 1 and not names <= _WRITTEN):
        raise Refusal("OUT-115", f"one side is a {said(then.kind)}, the other a {said(other.kind)}")
    kind = FactType("written" if len(names) > 1 else then.kind.name, may_miss=then.kind.may_miss or other.kind.may_miss)
    return Vetted(nodes.CondExpr(asked.node, then.node, other.node), kind)


def _compared(node: nodes.Compare, scope: Scope) -> nodes.Expr:
    left = value(node.expr, scope)
    found = [left]
    for operand in node.ops:
        if operand.op in ("in", "notin"):
            _literal_list(operand.expr)
        else:
            found.append(value(operand.expr, scope))
    for side in found:
        if side.kind.may_miss:
            help = f"{{% if {side.path} and … %}}"
            message = f"`{side.path}` may be missing, and this comparison needs it"
            raise Refusal("OUT-113", message, needle=side.path, help=help)
        if side.kind.many or side.kind.name not in _ORDERED:
            raise Refusal("OUT-115", f"a {said(side.kind)} cannot be compared", needle=side.path)
    if len({side.kind.name.replace("code", "text") for side in found}) > 1:
        raise Refusal("OUT-115", "only values of one type can be compared", needle=left.path)
    sides = iter(found[1:])
    operands = [nodes.Operand(o.op, o.expr if o.op in ("in", "notin") else next(sides).node) for o in node.ops]
    return nodes.Compare(left.node, operands)


def _literal_list(node: nodes.Expr) -> None:
    if not isinstance(node, nodes.List | nodes.Tuple) or not all(isinstance(i, nodes.Const) for i in node.items):
        raise Refusal("OUT-133", "`in` needs a list written out", help='in ["a", "b"]')


def _filtered(node: nodes.Filter, scope: Scope) -> Vetted:
    spec = filter_rules.spec_of(node)
    if node.node is None:
        raise Refusal("OUT-132", "a filter stands after a value")
    inner = value(node.node, scope)
    filter_rules.fits(node, spec, inner.kind, inner.path)
    filter_rules.suits(node, scope.locale, scope.channel)
    empty = inner.kind.many and not _known(inner.path, scope)
    may_miss = node.name != "or" and (inner.kind.may_miss or empty)
    made = nodes.Filter(inner.node, node.name, node.args, node.kwargs, None, None)
    return Vetted(made, FactType(spec.gives, may_miss=may_miss), inner.path)
