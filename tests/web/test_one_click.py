"""Does the mail program's own button work whatever it sends (RFC 8058)?"""

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.shop import Wishes
from outreach.core.terms import Scope
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import open_engine
from tests.web.visits import ANA_EMAIL, ANA_PHONE, CY_EMAIL, Visit, visiting

#: RFC 8058, 8.1 and 8.3: the latter's boundary lines lack the two dashes that RFC 2046 asks for.
SIMPLE = ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click")
BOUNDARY = "---FormBoundaryjWmhtjORrn"
PART = 'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
FRAMED = f"--{BOUNDARY}\r\n{PART}--{BOUNDARY}--\r\n".encode()
LITERAL = f"{BOUNDARY}\r\n{PART}{BOUNDARY}--\r\n".encode()
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
BODIES = {
    "8.1 simple": SIMPLE,
    "8.3 multipart": (MULTIPART, FRAMED),
    "8.3 as printed": (MULTIPART, LITERAL),
    "empty": (None, b""),
    "no boundary": ("multipart/form-data", LITERAL),
    "json": ("application/json", b"{}"),
    "nonsense": ("text/\xe9", b"\xff\xfe\x00"),
    "long": ("application/x-www-form-urlencoded", b"x" * 200_000),
}


@pytest.mark.parametrize("name", BODIES)
def test_rule_3_any_body_opts_out(visit: Visit, name: str):
    kind, body = BODIES[name]
    headers = {"content-type": kind.encode("latin-1")} if kind else {}
    for _ in range(2):
        said = visit.client.post(visit.button(ANA_EMAIL), content=body, headers=headers, follow_redirects=False)
        assert (said.status_code, said.content) == (200, b"")
        assert "set-cookie" not in said.headers
        assert "location" not in said.headers
    found = visit.rows(suppressions)
    assert {(row.channel, row.scope, row.door, row.until) for row in found} == {
        ("email", "everything", "header", None),
        ("text", "everything", "header", None),
    }
    assert len(visit.rows(suppression_events)) == 2  # no second record


def test_rule_15_the_shop_may_narrow_it_to_email(visit: Visit):
    house = replace(visit.app.house, wishes=Wishes(stop_by_button=Scope.EMAIL))
    with visiting(replace(visit.app, house=house)) as narrow:
        narrow.client.post(narrow.button(ANA_EMAIL))
    assert {row.scope for row in visit.rows(suppressions)} == {"email"}


def test_rule_4_looking_at_it_only_shows(visit: Visit):
    before = visit.dump()
    page = visit.get(visit.button(ANA_EMAIL))
    assert visit.client.head(visit.button(ANA_EMAIL)).status_code == 200
    assert "<h1>Stop messages from" in page.text
    assert visit.dump() == before
    action = page.text.partition("<form method=post action=")[2].partition(" ")[0].strip('"')
    assert visit.client.post(f"/u/{action}", data={"do": "choose", "what": "orders", "seen": "all", "how": "email"})
    assert {row.scope for row in visit.rows(suppressions)} == {"offers", "text"}  # chosen there, not everything


def test_rule_7_it_is_on_the_disk_before_the_200(visit: Visit, url: str):
    visit.client.post(visit.button(CY_EMAIL))
    other = open_engine(url)
    with other.connect() as c:
        assert len(c.execute(suppressions.select()).all()) == 1
    other.dispose()


def test_while_the_database_is_away_it_says_try_again(visit: Visit):
    away = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with visiting(visit.app.at(away)) as nowhere:
        said = nowhere.client.post(nowhere.button(ANA_EMAIL))
        assert said.status_code == 503  # so the mail program tries again
        assert said.headers["retry-after"]
        for path in (nowhere.page(ANA_EMAIL), nowhere.button(ANA_EMAIL)):
            looked = nowhere.get(path)
            assert looked.status_code == 503
            assert "mara@alder.example" in looked.text
            assert "Traceback" not in looked.text
        assert nowhere.post("/hello", address="ana@example.com").status_code == 503
        assert nowhere.get("/alive").status_code == 200
        assert nowhere.faults == []
    away.dispose()


@hypothesis.settings(max_examples=60, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@given(st.data())
def test_rule_2_one_changed_byte_is_nobody(visit: Visit, data: st.DataObject):
    path = data.draw(st.sampled_from([visit.page(ANA_PHONE), visit.button(ANA_PHONE)]))
    at = data.draw(st.integers(3, len(path) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_.~").filter(lambda letter: letter != path[at]))
    changed = path[:at] + letter + path[at + 1 :]
    answers = [visit.client.get(changed), visit.client.post(changed, data={"do": "stop"})]
    assert [answer.status_code for answer in answers] == [404, 404]
    unknown = visit.get("/p/" + "x" * 24)
    assert answers[0].text == unknown.text  # the same words for wrong and unknown
    assert "mara@alder.example" in unknown.text
    assert visit.rows(suppressions) == []
