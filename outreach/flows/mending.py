"""Did a person mend the key that a provider refused? Asked once, when a worker starts."""

import asyncio

from outreach.flows.app import App
from outreach.store import audits, operation, provider_states
from outreach.store.engine import now, reading, writing


async def ask_again(app: App) -> list[str]:
    """Ask each provider that refused us whether it knows us now. Returns those that do; they are handed to again.

    It is asked without reaching a customer; one that cannot answer just now stays as it was.
    """
    names = await asyncio.to_thread(_refusing, app)
    good = []
    for provider in app.providers.values():
        if provider.name in names and provider.name not in good and (await provider.check()).good:
            await asyncio.to_thread(_mended, app, provider.name)
            good.append(provider.name)
    return good


def _refusing(app: App) -> set[str]:
    with reading(app.engine) as c:
        return {name for name, stop in operation.stops(c, now(c)).items() if stop.needs_person}


def _mended(app: App, provider: str) -> None:
    with writing(app.engine) as c:
        if provider_states.mended(c, provider):
            audits.write(c, now(c), "provider.open", provider, {})
