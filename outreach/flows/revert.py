"""How does a template go back to words it had? By a new version with the old words; history is never rewritten."""

from dataclasses import replace

from outreach.flows.app import App
from outreach.flows.history import one_version
from outreach.flows.publish import Published, Wanted, put
from outreach.flows.publishlock import alone
from outreach.flows.template_files import in_the_manner_of, located, unchanged


def revert(app: App, word: str, version: str, wanted: Wanted) -> Published:
    """Publish an older version's words again, by today's checks; words on disk that nobody published are kept aside.

    Raises as `publish` does, and Misuse (OUT-185) for no such version.
    """
    with alone(app, dry=wanted.dry):
        file = located(app, word)
        unchanged(file, wanted.seen or file.seen)
        old = one_version(app, file, version)
        note = wanted.note or f"back to {old.name}"
        return put(app, file, in_the_manner_of(file.data, old.source), replace(wanted, note=note, back_to=old))
