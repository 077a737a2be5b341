"""How can messages be looked at as their readers' own programs show them? Files in a folder, and a page with all.

Each message becomes NAME.html and NAME.eml, or NAME.txt for a text. index.html shows them side by side; it needs no
network and runs no script.
"""

import re
from collections.abc import Iterator, Sequence
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path

from outreach.core.errors import Misuse
from outreach.core.segments import parts
from outreach.core.shop import Price
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.preview import Preview
from outreach.render.content import Content
from outreach.render.formats import is_right_to_left
from outreach.render.tongues import language_name

__all__ = ["cost_line", "language_name", "write_files"]

#: Long addresses stay whole: a mail program must find them as they are.
_MAIL = SMTP.clone(max_line_length=998, cte_type="8bit", header_factory=HeaderRegistry(use_default_map=False))
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:90rem;padding:1rem}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr));gap:2rem}
h2{font-size:1rem;margin:0}p{margin:.2rem 0 .6rem}.dim{opacity:.75}
iframe{width:100%;height:38rem;border:1px solid #888;background:#fff}
.bubble{border:1px solid #888;border-radius:1rem;padding:.75rem 1rem;max-width:22rem;overflow-wrap:anywhere}
.problem{border-inline-start:4px solid #b00020;padding-inline-start:.75rem}
a:focus-visible{outline:3px solid;box-shadow:0 0 0 5px #ffd54a}
"""


def write_files(app: App, shown: Sequence[Preview], folder: Path) -> Path:
    """Write every message and the page that shows them. Returns index.html. Raises Misuse (OUT-600) for the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for preview in shown:
            for name, data in _files(app, preview):
                (folder / name).write_bytes(data)
        index = folder / "index.html"
        index.write_text("".join(_page(app, shown)), encoding="utf-8")
    except OSError as error:
        raise Misuse("OUT-600", f"--out: {folder.name} cannot be written to: {error.strerror}") from None
    return index


def cost_line(content: Content, price: Price | None) -> str:
    """`1 part · 138 of 160 characters · about 0.0083 USD`. The cost only where the shop says what a part costs."""
    made = parts(content.text)
    alone, each = (160, 153) if made.encoding == "GSM-7" else (70, 67)
    room = alone if made.count <= 1 else each * made.count
    said = [f"{made.count} part{'' if made.count == 1 else 's'}", f"{made.units} of {room} characters"]
    if price is not None:
        said.append(f"about {price.amount * made.count} {price.currency}")
    if made.odd:
        said.append(f"{' '.join(made.odd[:8])} cost{'s' if len(made.odd) == 1 else ''} the room")
    return " · ".join(said)


def _name(preview: Preview) -> str:
    template = preview.template
    variant = f"@{template.variant}" if template.variant else ""
    person = re.sub(r"[^A-Za-z0-9_-]+", "-", preview.person)
    return f"{person}.{template.campaign}.{template.channel.value}.{template.language}{variant}"


def _files(app: App, preview: Preview) -> Iterator[tuple[str, bytes]]:
    content, name = preview.content, _name(preview)
    if content is None:
        return
    if preview.template.channel is Channel.TEXT:
        yield f"{name}.txt", content.text.encode()
        return
    yield f"{name}.html", (content.html or "").encode()
    yield f"{name}.eml", _mail(app, preview, content)


def _mail(app: App, preview: Preview, content: Content) -> bytes:
    """As it would travel; addressed to a name, because a file that is passed around holds no customer's address."""
    mail = EmailMessage(policy=_MAIL)
    sender = app.house.senders[Channel.EMAIL].address
    for name, value in content.headers:
        mail[name] = f"{value} <{sender}>" if name == "From" else value
    mail["To"] = f"{preview.person}:;"  # RFC 5322: a group with nobody in it
    mail["Subject"] = content.subject or ""
    mail.set_content(content.text, cte="8bit")
    mail.add_alternative(content.html or "", subtype="html", cte="8bit")
    return mail.as_bytes()


def _page(app: App, shown: Sequence[Preview]) -> Iterator[str]:
    title = f"{app.house.shop.name}: {', '.join(sorted({p.campaign for p in shown}))}"
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
    yield f"<p>{len(shown)} message{'' if len(shown) == 1 else 's'}. Nothing was sent.</p><main>"
    for preview in shown:
        yield from _message(preview)
    yield "</main></body></html>"


def _message(preview: Preview) -> Iterator[str]:
    template, content = preview.template, preview.content
    head = f"{template.campaign} · {template.channel.value} · {language_name(template.language)}"
    status = "" if preview.status == "ready" else f" · {preview.status}: no night sends it"
    yield f"<section><h2>{escape(preview.person)}: {escape(preview.greeted)}</h2>"
    yield f'<p class="dim">{escape(head + status)}</p>'
    if content is None:
        said = preview.problem.message if preview.problem else ""
        yield f'<p class="problem">This message cannot be written: {escape(said)}</p>'
    elif template.channel is Channel.TEXT:
        way = "rtl" if is_right_to_left(template.language) else "ltr"
        yield f'<p class="bubble" lang="{template.language}" dir="{way}">{escape(content.text)}</p>'
        yield f"<p>{escape(cost_line(content, preview.price))}</p>"
    else:
        name = escape(_name(preview))
        yield f"<p><strong>{escape(content.subject or '')}</strong></p>"
        yield f'<iframe sandbox title="{name}" src="{name}.html"></iframe>'
        yield f'<p><a href="{name}.html">HTML of {name}</a> · <a href="{name}.eml">{name}.eml</a></p>'
    yield "</section>"
