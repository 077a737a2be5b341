"""How does a marketer start a translation, a variant or a campaign of their own? From a copy of what is there.

Drafts only: no night reads them. Nothing that exists is ever written over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from outreach.campaigns import FOLDER as CAMPAIGNS
from outreach.campaigns import read_campaigns
from outreach.core.errors import Misuse
from outreach.core.shop import Shop
from outreach.core.terms import Campaign, Channel
from outreach.documents import suggest
from outreach.flows.template_files import shown
from outreach.render import languages, stationery
from outreach.render.catalogue import ASKED_FOR, FOLDER, key_of
from outreach.render.source import Source, read
from outreach.render.template import Key

_CAMPAIGN = re.compile(r"[a-z][a-z0-9_]*")
_VARIANT = re.compile(r"[a-z][a-z0-9_-]*")
#: Where a copy starts when the shop has several languages: what the others were made from.
_FIRST = "en"


@dataclass(frozen=True, slots=True)
class Started:
    """Files by name, relative to the project: written now, and left as they were. `copied`: from what.

    `footer_in`: the language of the words around the message, where they are not there in its own.
    """

    made: tuple[str, ...]
    kept: tuple[str, ...]
    copied: tuple[str, ...]
    footer_in: str | None = None


def language(project: Path, shop: Shop, campaign: str, tag: str) -> Started:
    """Drafts in another language for every channel, from the English (else the shop's own) words.

    Raises Misuse: OUT-614 nothing of that name to copy, OUT-615 all there already, OUT-616 no such language.
    """
    _known(project, campaign)
    if not languages.known(tag):
        near = languages.meant(tag)
        facts = (f'did you mean "{near}"?',) if near else ()
        said = f'"{tag}" is not the tag of a language'
        raise Misuse("OUT-616", said, facts=facts, help="like de, pt-BR or zh-Hant")
    files = _files(project, campaign)
    origin = _origin(files, shop.language)
    if origin == tag:
        raise _exists([shown(key) for key in files if key[2] == tag])
    copies: dict[Key, Source] = {}
    for (name, channel, spoken, kind), source in files.items():
        if spoken == origin and (kind is None or kind in ASKED_FOR):
            copies[(name, channel, tag, kind)] = source
    if not copies:
        raise _nothing(f"{campaign} has no words in {_FIRST} or {shop.language} to start from")
    words = {key: draft(source, matches=f"{origin}@{source.words}") for key, source in copies.items()}
    made = _write(project, {shown(key): text for key, text in words.items()}, copies.values())
    return replace(made, footer_in=_footer(project, shop, tag))


def variant(
    project: Path, shop: Shop, campaign: str, name: str, *, of: tuple[Channel | None, str | None] = (None, None)
) -> Started:
    """A second wording of one message, as a draft. `of`: channel and language; none: the first, the shop's own.

    Raises Misuse: OUT-614 nothing to copy, OUT-615 there already, OUT-616 not a name.
    """
    known = _known(project, campaign)
    _is_name(name, _VARIANT, "shorter")
    channel, tag = of[0] or known.channels[0], of[1] or shop.language
    files = _files(project, campaign)
    source = files.get((campaign, channel, tag, None))
    if source is None:
        there = ", ".join(sorted(f"{key[1].value}.{key[2]}" for key in files if key[3] is None))
        raise _nothing(f"{campaign} has no {channel.value} in {tag}", *([f"there are {there}"] if there else []))
    return _write(project, {shown((campaign, channel, tag, name)): draft(source)}, [source])


def campaign(project: Path, name: str, *, like: str) -> Started:
    """A campaign of one's own, switched off: the file of another, with its scan, and its words as drafts.

    Raises Misuse: OUT-614 no campaign to copy, OUT-615 there already, OUT-616 not a name.
    """
    other = _known(project, like)
    _is_name(name, _CAMPAIGN, "spring_workshop")
    files = _files(project, like)
    texts = {f"{CAMPAIGNS}/{name}.yaml": _switched_off((project / other.file).read_text(encoding="utf-8"), like)}
    texts |= {shown((name, *key[1:])): draft(source) for key, source in files.items()}
    taken = [path for path in texts if (project / path).exists()]
    if taken:  # half an old campaign and half a new one would be neither
        raise _exists(taken)
    return _write(project, texts, files.values(), other.file)


def draft(source: Source, *, matches: str | None = None) -> str:
    """The same file with `status: draft`, and what it was made from; its words and variables as they are."""
    front, body = source.text[: source.body_at], source.text[source.body_at :]
    front = _set(front, "status", "draft")
    return (_set(front, "matches", matches) if matches else front) + body


def _set(front: str, key: str, value: str) -> str:
    """One key of the front matter, in its place; a new one comes before the closing line."""
    line = f"{key}: {value}\n"
    changed, times = re.subn(rf"^{key}[ \t]*:.*\n", lambda _: line, front, count=1, flags=re.M)
    if times:
        return changed
    end = front.rstrip("\n").rfind("\n") + 1
    return front[:end] + line + front[end:]


def _switched_off(text: str, like: str) -> str:
    """Another campaign's file with `on: false` and a first line that says where it is from; its comments stay."""
    head = f"# Made from {like}. Say here what it is for, and below: title, found_when, whom its scan finds.\n"
    changed, times = re.subn(r"^on[ \t]*:[ \t]*\w+", "on: false", text, count=1, flags=re.M)
    return head + (changed if times else re.sub(r"^(kind[ \t]*:)", r"on: false\n\1", text, count=1, flags=re.M))


def _known(project: Path, name: str) -> Campaign:
    campaigns = read_campaigns(project)
    if name not in campaigns:
        near = suggest(name, list(campaigns)) or f"there are {', '.join(campaigns)}"
        raise _nothing(f'no campaign is called "{name}"', near)
    return campaigns[name]


def _files(project: Path, campaign: str) -> dict[Key, Source]:
    """The campaign's template files, whatever their status. Raises Misuse (OUT-110) for one that cannot be read."""
    paths = sorted((project / FOLDER / campaign).glob("*.j2"))
    keys = {key: path for path in paths if (key := key_of(path)) is not None}
    return {key: read(path, shown(key)) for key, path in keys.items()}


def _origin(files: Mapping[Key, Source], own: str) -> str:
    there = {key[2] for key in files}
    return next((tag for tag in (_FIRST, own) if tag in there), "")


def _footer(project: Path, shop: Shop, tag: str) -> str | None:
    """The language whose footer this one would borrow; None where it, or a sister language, has one."""
    words = stationery.load(project / FOLDER, shop).words
    base = tag.partition("-")[0]
    return None if any(name.partition("-")[0] == base for name in words) else next(iter(words))


def _write(project: Path, texts: Mapping[str, str], copied: Iterable[Source], *more: str) -> Started:
    """Every file that is not there yet. Raises Misuse (OUT-615) when none is missing."""
    made: list[str] = []
    kept: list[str] = []
    for name, text in texts.items():
        (made if _put(project / name, text) else kept).append(name)
    if not made:
        raise _exists(kept)
    return Started(tuple(made), tuple(kept), (*more, *(source.file for source in copied)))


def _put(path: Path, text: str) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _is_name(name: str, pattern: re.Pattern[str], example: str) -> None:
    if not pattern.fullmatch(name):
        near = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        facts = (f'did you mean "{near}"?',) if pattern.fullmatch(near) else ()
        said = f'"{name}" cannot be a name: small letters, digits and _ only, a letter first'
        raise Misuse("OUT-616", said, facts=facts, help=f"like {example}")


def _nothing(said: str, *facts: str) -> Misuse:
    return Misuse("OUT-614", said, facts=facts, help="outreach new language CAMPAIGN pt-BR    (among others)")


def _exists(names: list[str]) -> Misuse:
    there = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return Misuse("OUT-615", f"{there} is there already, and nothing is written over", help=f"edit {names[0]}")
