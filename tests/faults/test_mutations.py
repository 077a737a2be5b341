"""Is each wrong way to build the send found out? If not, the harness is not good enough."""

from pathlib import Path

import pytest

from tests.fake.running import Running
from tests.faults.hands import Crew
from tests.faults.mutations import MUTATIONS, Mutation, mutated
from tests.faults.scene import Scene
from tests.faults.stand import Stand
from tests.faults.trials import TRIALS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_it_is_caught(sqlite_scene: Scene, fake: Running, tmp_path: Path, mutation: Mutation) -> None:
    crew = Crew(mutated(mutation, tmp_path / "wrong")).serve(sqlite_scene.project)
    try:
        verdict = TRIALS[mutation.caught_by](Stand(sqlite_scene, crew, fake))
    finally:
        crew.close()
    assert not verdict.good, f"{mutation.name} went unnoticed: {verdict}"
    assert set(verdict.broken) & mutation.breaks
