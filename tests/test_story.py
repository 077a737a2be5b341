"""Does a shop's first week read as it should: records, a look, nights, a wish, a mistake mended, a customer's story?"""

from datetime import timedelta
from pathlib import Path

import pytest

from outreach.records.invented import write_shop
from tests.cli.screens import Type, typed
from tests.flows.stage import NIGHT


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def o(capsys: pytest.CaptureFixture[str], at: Path) -> Type:
    return typed(capsys, at / "shop")


@pytest.mark.timeout(180)
def test_a_first_week(o: Type, at: Path):
    files = write_shop(at / "records", as_of=NIGHT)
    assert o("init", "shop", where=None).code == 0
    assert o("import", "--guess", "--yes", *files.paths).code == 0
    assert o("doctor").code == 0

    rehearsed = o("rehearse", "--nights", "3", "--from", NIGHT, "--json").document
    looked = o("nightly", "--as-of", NIGHT, "--json").document
    first = o("nightly", "--night", NIGHT, "--json").document
    same = ("found", "left_alone", "queued", "left_alone_because")
    assert [looked[k] for k in same] == [first[k] for k in same]
    assert [rehearsed["nights"][0][k] for k in same] == [first[k] for k in same]

    waits = o("status", "--json").document["waiting"]
    assert sum(w["messages"] for w in waits) == first["messages"]
    assert o("tonight", "--json").document["waiting"] == first["messages"]
    struck = o("tonight", "--strike", "m-1", "--json").document
    assert (struck["struck_out"], struck["waiting"]) == (1, first["messages"] - 1)

    about = o("show", "m-2", "--json").document
    who = about["customer"]
    story = o("why", who, "--json").document
    assert [c["outcome"] for c in story["campaigns"] if c["campaign"] == about["campaign"]] == ["send"]
    assert o("optout", "add", who, "--reason", "by mail").code == 0
    assert o("show", "m-2", "--json").document["state"] == "suppressed"
    assert o("release", "--json").document["states"] == {"accepted": first["messages"] - 2}

    for day in (1, 2):
        night = NIGHT + timedelta(days=day)
        ran = o("nightly", "--night", night, "--json").document
        expected = rehearsed["nights"][day]
        assert ran["found"] == ran["left_alone"] + ran["queued"] == expected["found"]
        assert abs(ran["queued"] - expected["queued"]) <= 1, "a wish and a struck message since"
    assert o("release").code == 0

    story = o("why", who, "--json").document
    assert {c["because"] for c in story["campaigns"] if c["outcome"] == "leave_alone"} <= {"no_contact"}
    assert [m["state"] for m in story["messages"]] == ["suppressed"]
    assert "We have not written since." in o("why", who).out
    report = o("report", "--json").document
    assert report["night"] == str(NIGHT + timedelta(days=2))
    assert report["found"] == report["left_alone"] + report["queued"]
    reasons = report["left_alone_because"]
    assert {"already_told", "no_address", "no_consent"} <= set(reasons)
    assert sum(reasons.values()) == report["left_alone"]
