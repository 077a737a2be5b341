"""Which messages are ready tonight, which are broken, and which one does this customer get?"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from outreach.core.errors import Finding, Misuse, Place
from outreach.core.shop import Shop
from outreach.core.terms import Campaign, Channel
from outreach.render import stationery
from outreach.render.check import Checked, check, unreadable
from outreach.render.source import read
from outreach.render.template import Key, Template

FOLDER = "templates"
#: Variants a scan asks for by name; they take no part in the even split.
ASKED_FOR = frozenset({"last"})
_NAME = re.compile(r"(email|text)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)(?:@([a-z][a-z0-9_-]*))?\.j2")


@dataclass(frozen=True, slots=True)
class Choice:
    """`fallback`: not the customer's own language. `broken`: there is one, but it has a problem (template_problem)."""

    template: Template | None
    fallback: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`templates`: ready and good. `broken`: ready, and what is wrong. `strays`: files that are nobody's message."""

    templates: Mapping[Key, Template]
    broken: Mapping[Key, tuple[Finding, ...]]
    warnings: Mapping[Key, tuple[Finding, ...]]
    strays: tuple[Finding, ...]
    shop_language: str
    missing_language: str = "default"
    _known: dict[Any, tuple[Choice, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def choose(
        self, campaign: str, channel: Channel, *, language: str | None, customer_id: int, variant: str | None = None
    ) -> Choice:
        """The message for one customer: own language, its base or a sister, then the shop's unless that is skipped.

        Unasked variants share the customers evenly.
        """
        asked = (campaign, channel, language, variant)
        choices = self._known.get(asked)
        if choices is None:
            keys, fallback = self._keys(campaign, channel, language, variant)
            made = [Choice(self.templates.get(key), fallback, key not in self.templates) for key in keys]
            choices = self._known[asked] = tuple(made) or (Choice(None),)
        return choices[0] if len(choices) == 1 else choices[_lot(campaign, channel, customer_id) % len(choices)]

    def _keys(
        self, campaign: str, channel: Channel, language: str | None, variant: str | None
    ) -> tuple[tuple[Key, ...], bool]:
        """The variants that share these customers, and whether they are in another language than theirs."""
        own = list(self._near(campaign, channel, language)) if language else []
        shop = [] if self.missing_language == "skip" else list(self._near(campaign, channel, self.shop_language))
        for name in dict.fromkeys([*own, *shop]):
            keys = self._variants((campaign, channel, name, None), variant)
            if keys:
                return keys, bool(language) and name not in own
        return (), False

    def _near(self, campaign: str, channel: Channel, language: str) -> Iterator[str]:
        """Languages with a file, nearest first: pt-BR -> pt-BR, pt, pt-PT; pt -> pt, pt-BR."""
        base = language.partition("-")[0]
        there = {k[2] for k in (*self.templates, *self.broken) if k[:2] == (campaign, channel)}
        sisters = sorted(name for name in there if name.partition("-")[0] == base)
        yield from (name for name in dict.fromkeys([language, base, *sisters]) if name in there)

    def _variants(self, plain: Key, asked: str | None) -> tuple[Key, ...]:
        """The asked variant, else the plain one; unasked, all that were not made to be asked for."""
        there = sorted((k for k in (*self.templates, *self.broken) if k[:3] == plain[:3]), key=lambda key: key[3] or "")
        if asked is None:
            return tuple(k for k in there if k[3] not in ASKED_FOR)
        return tuple(k for k in there if k[3] == asked) or tuple(k for k in there if k == plain)


def _lot(campaign: str, channel: Channel, customer_id: int) -> int:
    digest = hashlib.sha256(f"{campaign}|{channel.value}|{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def load(project: Path, campaigns: Mapping[str, Campaign], shop: Shop) -> Catalogue:
    """Read, check and compile every ready template of the campaigns that are on.

    A broken template is listed, never raised. Raises Misuse (OUT-139) for broken layouts: nothing can be written.
    """
    folder = project / FOLDER
    paper = stationery.load(folder, shop)
    templates: dict[Key, Template] = {}
    broken: dict[Key, tuple[Finding, ...]] = {}
    warnings: dict[Key, tuple[Finding, ...]] = {}
    strays: list[Finding] = []
    for path in sorted(path for path in folder.glob("[!_]*/*.j2") if path.is_file()):
        found = key_of(path)
        if found is None or found[0] not in campaigns:
            strays.append(stray(path, found))
            continue
        looked = _looked(path, found, paper, campaigns[found[0]])
        if looked is None:
            continue
        if looked.template is None:
            broken[found] = looked.errors
        else:
            templates[found] = looked.template
            warnings[found] = looked.findings
    return Catalogue(templates, broken, warnings, tuple(strays), shop.language, shop.missing_language)


def _looked(path: Path, key: Key, paper: stationery.Stationery, campaign: Campaign) -> Checked | None:
    """One file, compiled; None when its status, or its campaign, says that nobody gets it."""
    if not campaign.on:
        return None
    try:
        source = read(path, f"{FOLDER}/{path.parent.name}/{path.name}")
    except Misuse as problem:
        return Checked(None, unreadable(problem))
    return check(source, key, paper=paper, campaign=campaign) if source.front.status == "ready" else None


def key_of(path: Path) -> Key | None:
    """`delivery_check/email.pt-BR@shorter.j2` -> its key; None for a name that is not a template's."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    try:
        Locale.parse(found[2], sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return (path.parent.name, Channel(found[1]), found[2], found[3])


def stray(path: Path, key: Key | None) -> Finding:
    """What is said of a file under templates/ that no campaign reads (OUT-121)."""
    shown = Place(f"{FOLDER}/{path.parent.name}/{path.name}")
    if key is None:
        help = "email.en.j2, text.pt-BR.j2 or email.en@shorter.j2"
        return Finding("OUT-121", "this is not the name of a template", shown, help)
    return Finding("OUT-121", f'there is no campaign "{key[0]}"', shown, f"config/campaigns/{key[0]}.yaml makes one")
