"""How does a template file become a program? Once per revision: marks, Markdown, layout, CSS, tree (settled 30)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

import css_inline
import jinja2
from jinja2 import nodes

from outreach.core.errors import Finding, Misuse
from outreach.core.shop import Person
from outreach.core.terms import Campaign, Channel, FactType
from outreach.render import assembly, stationery
from outreach.render.addresses import addresses_in
from outreach.render.content import skeleton_of
from outreach.render.contexts import Shaper
from outreach.render.environment import sandbox
from outreach.render.expressions import Scope, parsed, value
from outreach.render.grammar import Reader
from outreach.render.html_rules import findings_of
from outreach.render.markdown import html_of
from outreach.render.marks import TOKEN, Mark
from outreach.render.plaintext import text_of
from outreach.render.problems import Refusal
from outreach.render.seen import wrong_with
from outreach.render.source import Source, read_bare
from outreach.render.stationery import Letter, Stationery
from outreach.render.template import BETWEEN, Key, Program, Template
from outreach.render.variables import Schema, schema_of

#: Changes whenever the same files would give other bytes.
WRITTEN_BY = "2"
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_FIELDS = ("subject", "preview", "why")


@dataclass(slots=True)
class Build:
    """One template on its way: what it is, what was read, and what is wrong with it."""

    key: Key
    source: Source
    paper: Stationery
    campaign: Campaign
    schema: Schema
    reader: Reader
    signer: Person

    @property
    def findings(self) -> list[Finding]:
        """Everything wrong so far."""
        return self.reader.findings


def start(key: Key, source: Source, paper: Stationery, campaign: Campaign) -> Build:
    """Read nothing yet; know the names, the language and who signs."""
    schema = schema_of(campaign)
    locale = paper.voice(key[2], key[1]).locale
    reader = Reader(Scope(schema, locale, key[1]), lambda name: _piece(paper.folder, name))
    signer = paper.shop.people.get(source.front.signer or "", paper.shop.signer)
    return Build(key, source, paper, campaign, schema, reader, signer)


def _piece(folder: Path, name: str) -> Source | None:
    """Raises Refusal for a piece that cannot be read, so that the `include` is what is pointed at."""
    path = folder / name
    try:
        return read_bare(path, f"templates/{name}") if path.is_file() else None
    except Misuse as problem:
        raise Refusal("OUT-134", problem.message, needle=name, help=problem.help) from None


def finish(build: Build) -> Template | None:
    """The template, or None when it has findings (in `build.findings`)."""
    front, reader = build.source.front, build.reader
    slots = {key: reader.front(build.source, key, getattr(front, key) or "") for key in _FIELDS}
    slots["content"] = reader.body(build.source)
    plain = [name for name in slots if name != "content" or build.key[1] is Channel.TEXT]
    for name in plain:  # an email's body is looked at as HTML
        build.findings.extend(addresses_in(slots[name], build.source, build.paper.hosts()))
    stop = _own_mark(build, "link.stop")
    if build.findings:
        return None
    letter = Letter(build.key[2], build.key[1], build.signer, slots, stop)
    parts = _text_parts(build, letter) if build.key[1] is Channel.TEXT else _email_parts(build, letter)
    if parts is None or build.findings:
        return None
    return _template(build, parts)


def _own_mark(build: Build, path: str) -> str:
    """A mark the layout needs, whatever the author wrote."""
    node = value(parsed(path), Scope(build.schema, "en", build.key[1])).node
    mark = Mark(len(build.reader.marks), "value", build.source.place(0), node)
    build.reader.marks.append(mark)
    return mark.token


@dataclass(frozen=True, slots=True)
class _Parts:
    """Texts with tokens, ready to become trees. `subject` and `html` are empty for a text."""

    subject: str
    html: str
    text: str


def _email_parts(build: Build, letter: Letter) -> _Parts | None:
    body = letter.slots["content"]
    html = html_of(body, build.reader.marks) if build.source.front.body == "markdown" else _as_blocks(build, body)
    build.findings.extend(findings_of(html, build.source, build.reader.marks, build.paper.hosts()))
    if build.findings:
        return None
    escaped = {key: escape(letter.slots[key], quote=False) for key in _FIELDS}
    subject, why = letter.slots["subject"], letter.slots["why"]
    whole = build.paper.put(stationery.EMAIL_HTML, _with(letter, {**escaped, "content": html}))
    plain_why = text_of(f"<p>{escape(why)}</p>") if why else ""
    plain = {"subject": subject, "preview": "", "why": plain_why, "content": text_of(html)}
    inlined = _INLINER.inline(whole)
    build.findings.extend(_unseen(build, inlined, letter.stop))
    return _Parts(subject, inlined, build.paper.put(stationery.EMAIL_TEXT, _with(letter, plain)))


def _unseen(build: Build, html: str, stop: str) -> Iterator[Finding]:
    for code, message in wrong_with(html, address=build.paper.shop.postal_address, stop=stop):
        yield Finding(code, message, build.source.place(build.source.body_at))


def _with(letter: Letter, slots: dict[str, str]) -> Letter:
    return Letter(letter.language, letter.channel, letter.signer, slots, letter.stop)


def _as_blocks(build: Build, html: str) -> str:
    """Tags between elements travel as comments, which even a table leaves in their place."""
    chunks = list(assembly.html_chunks(html, build.reader.marks))
    values = [c.mark.token if c.mark and c.mark.kind == "value" else "" for c in chunks]
    return "".join(
        value or (f"<!--{c.mark.token}-->" if c.mark else c.text) for c, value in zip(chunks, values, strict=True)
    )


def _text_parts(build: Build, letter: Letter) -> _Parts:
    return _Parts("", "", build.paper.put(stationery.TEXT, letter))


def _template(build: Build, parts: _Parts) -> Template:
    campaign, channel, language, variant = build.key
    html = TOKEN.sub("", parts.html)
    text = TOKEN.sub("", parts.text)
    return Template(
        campaign=campaign,
        channel=channel,
        language=language,
        variant=variant,
        file=build.source.file,
        source=build.source.text,
        revision=_revision(build),
        skeleton=skeleton_of(TOKEN.sub("", parts.subject), html, text),
        uses=frozenset(build.reader.uses),
        program=_program(build, parts, f"{parts.subject}\n{unescape(html)}\n{text}"),
    )


def _program(build: Build, parts: _Parts, literals: str) -> Program:
    marks, schema = build.reader.marks, build.schema
    shop = Shaper(schema).shape("shop", stationery.shop_facts(build.paper.shop, build.signer))
    return Program(
        whole=_compiled(build, parts, shop),
        marks=tuple(marks),
        shaper=Shaper(schema, _parts_read(marks)),
        names=frozenset(_top_names(build, parts)) - {"shop", "today"},
        answers=build.campaign.answers,
        shop=shop,
        from_name=build.paper.from_name(build.key[2], build.signer),
        reply_to=build.signer.email,
        must=_must(build),
        literals=literals,
    )


def _must(build: Build) -> tuple[str, str]:
    shop = build.paper.shop
    if build.key[1] is Channel.EMAIL:
        return escape(shop.postal_address), shop.postal_address
    return " ".join(shop.name.split()), " ".join(build.paper.words_for(build.key[2]).text_stop.split())


def _compiled(build: Build, parts: _Parts, shop: Any) -> jinja2.Template:
    """Subject, HTML and text in one program, so that a message costs one context and one run."""
    marks = build.reader.marks
    box = sandbox(build.paper.voice(build.key[2], build.key[1]), build.paper.hosts().safe)
    between = assembly.Chunk(BETWEEN)
    if build.key[1] is Channel.TEXT:
        sms = assembly.written(assembly.text_chunks(parts.text, marks), assembly.IN_SMS)
        return assembly.compiled(sms, box, shop=shop)
    subject = assembly.written(assembly.text_chunks(parts.subject, marks), assembly.IN_SMS)
    html = assembly.written(assembly.html_chunks(parts.html, marks), assembly.IN_HTML)
    text = assembly.written(assembly.text_chunks(parts.text, marks), assembly.IN_TEXT)
    return assembly.compiled([*subject, between, *html, between, *text], box, shop=shop)


def _parts_read(marks: list[Mark]) -> frozenset[str]:
    """The parts of records this template reads; `name` always, because the filter `names` reads it."""
    found = (mark.node.find_all(nodes.Getattr) for mark in marks if mark.node is not None)
    own = (mark.node.attr for mark in marks if isinstance(mark.node, nodes.Getattr))
    return frozenset({"name", *own, *(node.attr for each in found for node in each)})


def _top_names(build: Build, parts: _Parts) -> Iterator[str]:
    yield from (name.partition(".")[0] for name in build.reader.uses)
    if parts.html:
        yield "link"


def _revision(build: Build) -> str:
    """Everything that decides the bytes: the file, its layouts and pieces, the footer's words, the shop's own facts."""
    paper, shop = build.paper, build.paper.shop
    names = [stationery.TEXT] if build.key[1] is Channel.TEXT else [stationery.EMAIL_HTML, stationery.EMAIL_TEXT]
    facts = {name: asdict(kind) if isinstance(kind, FactType) else kind for name, kind in build.campaign.facts.items()}
    decides = [
        WRITTEN_BY,
        build.key,
        build.source.text,
        [paper.layouts[name].text for name in names],
        {name: piece.text for name, piece in build.reader.pieces.items()},
        paper.words_for(build.key[2]).model_dump(),
        stationery.shop_facts(shop, build.signer),
        [shop.country, shop.base_url, shop.hosts, facts, build.campaign.answers],
    ]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
