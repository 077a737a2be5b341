"""Which models belong to one line, and which generation is each? Read from who succeeds whom (settled 16)."""

from collections.abc import Iterable, Mapping

Successors = Mapping[str, str | None]


def cycles(successors: Successors) -> list[tuple[str, ...]]:
    """Every ring of models that succeed one another, each once, from its smallest key on."""
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in successors:
        path: dict[str, int] = {}
        at: str | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = successors.get(at)
        if at is not None and at in path:
            ring = [key for key, place in path.items() if place >= path[at]]
            first = ring.index(min(ring))
            found.append(tuple(ring[first:] + ring[:first]))
        done.update(path)
    return found


def lineage(successors: Successors) -> dict[str, tuple[str, int]]:
    """key -> (line, generation) of every model, for successors without rings.

    A model whose successor is not among the keys ends its line. Where two models have the same successor, all of
    them are one line: a generation is one more than the longest way to it, and the line bears the key of the model
    that way starts from (of the smallest key, if several are as long).
    """
    before = _predecessors(successors)
    line: dict[str, tuple[str, int]] = {}
    for last in (key for key, next_ in successors.items() if next_ is None or next_ not in successors):
        order = _from_first_to(last, before)
        origin: dict[str, tuple[int, str]] = {}
        for key in order:
            ways = [(-origin[p][0], origin[p][1]) for p in before.get(key, ())]
            longest = min(ways, default=(0, key))
            origin[key] = (1 - longest[0], longest[1])
        first = origin[last][1]
        line.update({key: (first, origin[key][0]) for key in order})
    return line


def _predecessors(successors: Successors) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {}
    for key, next_ in successors.items():
        if next_ is not None:
            before.setdefault(next_, []).append(key)
    return before


def _from_first_to(last: str, before: Mapping[str, Iterable[str]]) -> list[str]:
    """Everything that leads to `last`, each after all that leads to it."""
    order = [last]
    for key in order:
        order.extend(before.get(key, ()))
    return order[::-1]
