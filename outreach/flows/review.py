"""Which ready words has nobody but their author read? With templates.review: true they wait, and only they."""

from dataclasses import replace

from outreach.core.errors import Finding, Place
from outreach.flows.publish import words_hash
from outreach.render.catalogue import Catalogue
from outreach.render.template import Template


def only_reviewed(catalogue: Catalogue, reviewed: frozenset[tuple[str, str]]) -> Catalogue:
    """The catalogue as the night may use it. `reviewed`: (file, hash of its words) a second person has read."""
    waiting = {k: t for k, t in catalogue.templates.items() if (t.file, words_hash(t.source)) not in reviewed}
    return replace(
        catalogue,
        templates={key: found for key, found in catalogue.templates.items() if key not in waiting},
        broken={**catalogue.broken, **{key: (_finding(template),) for key, template in waiting.items()}},
    )


def _finding(template: Template) -> Finding:
    name = template.file.removeprefix("templates/").removesuffix(".j2")
    help_text = f'outreach publish {name} --note "…" --reviewed-by NAME'
    return Finding("OUT-183", "nobody but their author has read these words", Place(template.file), help_text)
