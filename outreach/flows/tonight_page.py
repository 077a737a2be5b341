"""How can a person read every message before it leaves? One HTML file: by campaign, searchable, no network."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from outreach.core.addresses import masked
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.send import message_name
from outreach.render.content import Content
from outreach.store.reports import NightReport

_STYLE = """
:root{color-scheme:light dark;--line:#bbb;--dim:#555}
@media(prefers-color-scheme:dark){:root{--line:#555;--dim:#aaa}}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem}
header{position:sticky;top:0;background:Canvas;padding:.5rem 0;border-bottom:1px solid var(--line)}
label{font-weight:600}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;min-height:44px}
details{border-bottom:1px solid var(--line)}summary{padding:.6rem 0;cursor:pointer;min-height:24px}
summary:focus-visible,input:focus-visible{outline:3px solid #1a1a1a;box-shadow:0 0 0 5px #ffd54a}
.who,.state,.hint{color:var(--dim)}.gone summary{text-decoration:line-through}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.75rem;border:1px solid var(--line)}
iframe{width:100%;height:36rem;border:1px solid var(--line);background:#fff}
code{user-select:all}[hidden]{display:none}
"""
#: Search only: without script the page reads the same, and the browser's own search works.
_SCRIPT = """
const box=document.getElementById('search'),count=document.getElementById('count');
const all=[...document.querySelectorAll('details[data-text]')];
box.addEventListener('input',()=>{const w=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const d of all){const hit=w.every(x=>d.dataset.text.includes(x));d.hidden=!hit;n+=hit}
count.textContent=n+' of '+all.length+' messages'});
document.addEventListener('toggle',e=>{const f=e.target.querySelector&&e.target.querySelector('iframe[data-html]');
if(f&&e.target.open&&!f.srcdoc)f.srcdoc=f.dataset.html},true);
"""
_GONE = ("cancelled", "suppressed", "expired", "capped", "rejected")


def write_page(app: App, report: NightReport, messages: Sequence[tuple[Any, Content | None]]) -> Path:
    """Write reports/tonight-NIGHT.html in the project, whole or not at all; returns its path."""
    folder = app.project / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"tonight-{report.run.night.isoformat()}.html"
    beside = path.with_suffix(".part")
    beside.write_text("".join(_page(app, report, messages)), encoding="utf-8")
    beside.replace(path)
    return path


def _page(app: App, report: NightReport, messages: Sequence[tuple[Any, Content | None]]) -> Iterable[str]:
    title = f"{app.house.shop.name}: night of {report.run.night}, {report.run.mode.value}"
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1>"
    yield '<label for="search">Search names, campaigns, words</label><input id="search" type="search">'
    yield f'<p class="hint" id="count" role="status">{len(messages)} messages</p></header><main>'
    if not messages:
        yield "<p>No message of this night.</p>"
    campaign = None
    for row, content in messages:
        if row.campaign != campaign:
            campaign = row.campaign
            count = sum(1 for r, _ in messages if r.campaign == campaign)
            yield f"<h2>{escape(campaign)} <small>{count}</small></h2>"
            yield _hint("Strike out all of these", escape(campaign))
        yield _message(row, content)
    yield _hint("Strike out everything", "all")
    yield f"</main><script>{_SCRIPT}</script></body></html>"


def _hint(words: str, what: str) -> str:
    return f'<p class="hint">{words}: <code>outreach tonight --strike {what}</code></p>'


def _message(row: Any, content: Content | None) -> str:
    name = " ".join(filter(None, (row.first_name, row.last_name)))
    words = (content.subject or "", content.text) if content else ("", "")
    found = " ".join((row.customer, name, row.campaign, row.channel, row.language or "", row.state, *words)).lower()
    hour = f"{row.not_before:%a %d %b %H:%M} UTC"
    first = (content.subject or content.text[:90]) if content else "(its words are no longer kept)"
    state = row.state + (f": {row.because}" if row.because else "")
    gone = ' class="gone"' if row.state in _GONE else ""
    who = f"{escape(name)} {escape(row.customer)}, {escape(masked(Channel(row.channel), row.address))}"
    head = (
        f'<details{gone} data-text="{escape(found)}"><summary><b>{escape(first)}</b> '
        f'<span class="who">{who}, {row.channel}</span> <span class="state">{escape(state)}, {hour}</span></summary>'
    )
    return head + _body(row, content) + "</details>"


def _body(row: Any, content: Content | None) -> str:
    strike = _hint("Strike it out", message_name(row.id))
    if content is None:
        return strike
    shown = f"<pre>{escape(content.text)}</pre>"
    if content.html:
        title = escape(f"{message_name(row.id)} as HTML")
        shown = f'<iframe sandbox="" title="{title}" data-html="{escape(content.html)}"></iframe>{shown}'
    return strike + shown
