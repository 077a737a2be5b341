"""What do all pages have in common? The frame, the languages, the way to a person, and the headers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse

from outreach.core.shop import Shop
from outreach.render.pages_words import Languages, PageWords
from outreach.web.markup import Html, Inside, el, filled, joined
from outreach.web.style import POLICY, STYLE

_WORD = re.compile(r"[a-z_]{1,40}")
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper a page is written on: whose shop, in which language, who may choose another.

    `asked`: a language the address itself asks for: it stays in every form. `kept`: what else the address says, for
    the links to the other languages.
    """

    shop: Shop
    words: PageWords
    others: Sequence[PageWords] = field(default=())
    asked: str | None = None
    kept: tuple[tuple[str, str], ...] = ()

    def say(self, name: str, **values: str) -> Html:
        """A sentence with its values; {shop} and {contact} are always known."""
        return filled(self.words[name], shop=self.shop.name, contact=self.contact, **values)

    @property
    def contact(self) -> Html:
        """How a person is reached."""
        mail = self.shop.signer.email
        parts = [el("a", mail, href=f"mailto:{mail}", dir="ltr")]
        if self.shop.phone:
            parts += [Html(" · "), el("a", self.shop.phone, href=f"tel:{self.shop.phone.replace(' ', '')}", dir="ltr")]
        return joined(parts)

    def query(self, *pairs: tuple[str, str]) -> str:
        """A relative address of the same page, in the language that was asked for."""
        asked = [("l", self.asked)] if self.asked else []
        return "?" + "&".join(f"{name}={value}" for name, value in (*pairs, *asked))


def sheet(shop: Shop, languages: Languages, asking: tuple[QueryParams, Headers], message: str | None = None) -> Sheet:
    """In the language asked for by ?l=, else the message's that carried the link, else the browser's, else the shop's.

    A draft is shown only to those who ask for it by name.
    """
    query, headers = asking
    asked = query.get("l")
    words = languages.choose(asked, message, *accepted(headers.get("accept-language", "")))
    others = [other for other in languages.ready if other.tag != words.tag]
    kept = tuple((name, value) for name in ("a", "done") if _WORD.fullmatch(value := query.get(name, "")))
    return Sheet(shop, words, others, words.tag if asked == words.tag else None, kept)


def accepted(header: str) -> list[str]:
    """The tags of Accept-Language (RFC 9110 12.5.4), the most wanted first; at most ten are looked at."""
    ranked = []
    for part in header[:400].split(",")[:10]:
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag.strip() and tag.strip() != "*" and weight > 0:
            ranked.append((-weight, tag.strip()))
    return [tag for _, tag in sorted(ranked, key=lambda pair: pair[0])]


def page(on: Sheet, title: str, *inside: Inside, status: int = 200, prefix: str | None = None) -> HTMLResponse:
    """A whole page. `title`: the window's; `prefix`: the sentence around it there ("Error: {title}")."""
    window = on.words[prefix].format(title=title) if prefix else title
    head = joined(
        (
            el("meta", name="viewport", content="width=device-width,initial-scale=1"),
            el("title", window),
            el("style", Html(STYLE)),
        )
    )
    main = el("main", el("small", el("bdi", on.shop.name)), *inside)
    body = el("html", head, main, _languages(on), lang=on.words.tag, dir=on.words.direction)
    return HTMLResponse(f"<!doctype html>{body}", status, HEADERS)


def _languages(on: Sheet) -> Html | None:
    if not on.others:
        return None
    links = []
    for other in on.others:
        address = "?" + "&".join(f"{name}={value}" for name, value in (*on.kept, ("l", other.tag)))
        links.append(el("a", other.name, href=address, lang=other.tag))
    return el("nav", *links, aria_label=on.words["languages"])


def heading(title: str | Html) -> Html:
    """The one h1."""
    return el("h1", title)


def para(*inside: Inside, soft: bool = False) -> Html:
    """A paragraph; soft: less loud."""
    return el("p", *inside, class_="s" if soft else None)


def problem(on: Sheet, said: Inside, field_id: str | None) -> Html:
    """What is wrong, at the top, with a link to the field it is about."""
    about = el("a", said, href=f"#{field_id}") if field_id else said
    return el("div", el("h2", on.words["problem"]), about, class_="e", role="alert", id="problem")
