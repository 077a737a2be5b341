"""A provider stopped us: does it take our key again? Asked without reaching a customer."""

import asyncio

from outreach.flows.app import App
from outreach.providers.base import Provider
from outreach.store import audits, provider_states
from outreach.store.engine import now, reading, writing


def try_again(app: App) -> list[str]:
    """Open every stopped provider whose own check passes now: one message goes first. Returns their names.

    For `doctor`, and for a worker that starts: both come after a person did something.
    """
    with reading(app.engine) as c:
        stopped = {row.provider for row in provider_states.every(c) if row.needs_person}
    asked = {p.name: p for p in app.providers.values() if p.name in stopped}
    return asyncio.run(_opened(app, asked)) if asked else []


async def _opened(app: App, asked: dict[str, Provider]) -> list[str]:
    found = []
    for name, provider in asked.items():
        verdict = await provider.check()
        await provider.close()
        if verdict.good and await asyncio.to_thread(_open, app, name):
            found.append(name)
    return found


def _open(app: App, name: str) -> bool:
    with writing(app.engine) as c:
        opened = provider_states.mended(c, name)
        if opened:
            audits.write(c, now(c), "provider.open", name, {})
        return opened
