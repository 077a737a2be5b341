"""Does forget ask before it does it, say what it did, and does optout say what it took a list for?"""

import json
from pathlib import Path

from tests.cli.screens import Type


def test_it_is_looked_at_asked_for_and_done_once(here: Type):
    looked = here("forget", "C-0001", "--dry-run")
    assert (looked.code, "what would be forgotten" in looked.out, "names and places" in looked.out) == (0, True, True)
    refused = here("forget", "C-0001")
    assert (refused.code, "OUT-509" in refused.err) == (2, True)
    done = here("forget", "C-0001", "--yes", "--json").document
    assert (done["schema"], done["customer"], done["dry_run"]) == ("outreach.forget/1", "C-0001", False)
    assert done["rows"]["names and places"] == 1
    again = here("forget", "C-0001", "--yes")
    assert (again.code, "nothing left to forget" in again.out) == (0, True)
    assert "erased" in here("optout", "show", "C-0001", "--json").out
    assert here("forget", "C-99999", "--yes").code == 2
    assert all(len(line) <= 80 for said in (looked, again) for line in said.out.splitlines())


def test_a_list_is_named_and_written_again(here: Type, tmp_path: Path):
    path = tmp_path / "unsubscribed.csv"
    path.write_text("email,created\nold@example.com,1556877600\n", encoding="utf-8")
    taken = here("optout", "import", path)
    assert (taken.code, "taken for SendGrid, unsubscribes" in taken.out) == (0, True)
    written = here("optout", "export", "--json").document
    assert (written["addresses"], written["bare"]) == (0, 1)
    assert Path(written["file"]).read_text(encoding="utf-8").startswith("channel,address,scope")
    unknown = here("optout", "import", _newsletter(tmp_path), "--json")
    assert (unknown.code, json.loads(unknown.out)["problems"][0]["code"]) == (2, "OUT-508")
    assert here("optout", "export", "--format", "fax").code == 2


def _newsletter(folder: Path) -> Path:
    path = folder / "people.csv"
    path.write_text("email,newsletter\nana@example.com,1\n", encoding="utf-8")
    return path
