"""Does a wish to be left alone hold at once, everywhere and for good, by whatever name the person is called?"""

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.terms import Scope
from outreach.flows import opt_out, opt_out_lists, wish_list
from outreach.flows.explain_why import look
from outreach.records.invented import ShopFiles
from outreach.store import audits
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import reading, writing
from outreach.store.schema import decisions
from tests import builders
from tests.flows.stage import NIGHT, Stage, read_rows, take_in, write_back

NEVER = datetime.min


def asked(scope: Scope = Scope.EVERYTHING, reason: str = "asked on the phone", **more: object) -> opt_out.Asked:
    return opt_out.Asked(scope, reason, "staff", reason, more.get("until"), NEVER)  # type: ignore[arg-type]


@pytest.fixture
def two(bare: Stage) -> Stage:
    """Ana has an email and a phone in Brazil and a parcel that arrived; Ben shares her email; Cy is himself."""
    with writing(bare.app.engine) as c:
        ana = builders.customer(
            c,
            "C-1",
            "ana.reed@example.com",
            "+5511912345601",
            "BR",
            consent=("email", "text"),
        )
        ben = builders.customer(c, "C-2", "ana.reed@example.com", "+447700900123", household=ana, first_name="Ben")
        cy = builders.customer(c, "C-3", "cy@example.org", first_name="Cy", consent=())
        builders.customer(c, "C-4", None, first_name="Dee", consent=())
        for number, who in enumerate((ana, ben, cy), 1):
            builders.order(
                c,
                f"O-{number}",
                who,
                placed_on=NIGHT.replace(day=1),
                promised_on=NIGHT.replace(day=8),
                delivered_on=NIGHT.replace(day=6 + number),
                lines=["beans"],
            )
    return bare


def states(stage: Stage) -> dict[str, str]:
    return {m.key: m.state for m in stage.messages()}


@pytest.mark.parametrize(
    "word",
    [
        "C-1",
        "O-1",
        "ana.reed@example.com",
        "  Ana.Reed@EXAMPLE.com ",
        "+5511912345601",
        "+55 (11) 91234-5601",
        "0055 11 91234 5601",
    ],
)
def test_whatever_they_are_called_by(two: Stage, word: str):
    two.night()
    assert states(two) == {"C-1": "ready", "C-3": "ready"}
    done = opt_out.add(two.app, word, asked())
    assert done.customers[0] == "C-1"
    assert (done.new > 0, done.withdrawn) == (True, 1)
    assert states(two) == {"C-1": "suppressed", "C-3": "ready"}
    again = opt_out.add(two.app, word, asked())
    assert (again.new, again.withdrawn) == (0, 0)
    assert two.hand_over().states == {"accepted": 1}
    with reading(two.app.engine) as c:
        (row,) = c.execute(sa.text("SELECT action, about, detail FROM audit WHERE action = 'optout.add' LIMIT 1"))
    assert "C-1" in row.about
    assert "@" not in f"{row.about}{row.detail}"


def test_the_night_before_it_has_begun(two: Stage):
    opt_out.add(two.app, "C-1", asked())
    two.night()
    assert states(two) == {"C-3": "ready"}
    reasons = {(r.customer_id, r.reason) for r in two.rows(sa.select(decisions))}
    assert {(1, "no_contact"), (2, "no_contact"), (3, None)} == reasons, (
        "the email is Ben's too: the stricter wish wins"
    )


def test_a_family_shares_the_silence_of_the_address_and_nothing_more(two: Stage):
    done = opt_out.add(two.app, "ana.reed@example.com", asked())
    assert done.customers == ("C-1", "C-2")
    closed = two.rows(sa.select(suppressions))
    assert [s.channel for s in closed] == ["email"], "the phones of either were not spoken of"
    two.night()
    assert states(two) == {"C-3": "ready"}
    assert opt_out.undo(two.app, "ana.reed@example.com", customer_asked="Ana, by phone, to Lee") == 1
    assert two.rows(sa.select(suppressions)) == []


def test_a_key_is_a_key_before_it_is_an_order_or_a_phone(two: Stage):
    with writing(two.app.engine) as c:
        eve = builders.customer(c, "02079460001", "eve@example.com", first_name="Eve")
        builders.order(c, "C-3", eve, placed_on=NIGHT.replace(day=2))
    assert opt_out.add(two.app, "02079460001", asked()).customers == ("02079460001",)
    assert opt_out.add(two.app, "C-3", asked()).customers == ("C-3",)
    closed = two.rows(sa.select(suppressions.c.channel, suppressions.c.contact_hash))
    assert sorted(s.channel for s in closed) == ["email", "email"]


@pytest.mark.parametrize(
    ("scope", "email", "check"),
    [
        (Scope.EVERYTHING, "no_contact", "suppressed"),
        (Scope.EMAIL, "channel_off", "suppressed"),
        (Scope.OFFERS, None, "ready"),
        (Scope.TEXT, None, "ready"),
    ],
)
def test_how_much_was_asked(two: Stage, scope: Scope, email: str | None, check: str):
    """A delivery check by email is a message about an order."""
    two.night()
    opt_out.add(two.app, "C-3", asked(scope))
    assert states(two)["C-3"] == check
    later = two.rows(sa.select(suppressions))
    assert [(s.scope, s.reason, s.until) for s in later] == [(scope.value, "asked on the phone", None)]
    two.change(*(sa.delete(sa.table(t)) for t in ("told", "content", "outbox", "decision", "candidate")))
    two.change(*(sa.delete(sa.table(t)) for t in ("run_campaign", "run")))
    two.night()
    (row,) = two.rows(sa.select(decisions).where(decisions.c.customer_id == 3))
    facts = row.facts.get("channels", {})
    assert facts.get("email", row.reason) == email


def test_until_a_date_they_chose(two: Stage):
    day = NIGHT.replace(day=20)
    opt_out.add(two.app, "C-3", asked(until=day))
    two.night()
    two.night(day.replace(day=15))
    rows = two.rows(sa.select(decisions).where(decisions.c.customer_id == 3))
    assert [(r.outcome, r.reason, r.next_eligible_on) for r in rows] == [("leave_alone", "paused", day)]
    opt_out.add(two.app, "C-3", asked(until=day.replace(day=18)))
    assert [s.until for s in two.rows(sa.select(suppressions))] == [day], "never shortened"
    opt_out.add(two.app, "C-3", asked())
    assert [s.until for s in two.rows(sa.select(suppressions))] == [None], "widened"
    opt_out.add(two.app, "C-3", asked(until=day))
    assert [s.until for s in two.rows(sa.select(suppressions))] == [None]


def test_an_address_nobody_knows_is_remembered_for_whoever_brings_it(two: Stage, shop_files: ShopFiles, tmp_path: Path):
    """Rules 14 and 35."""
    done = opt_out.add(two.app, "later@example.com", asked())
    assert (done.customers, done.new) == ((), 1)
    row = {**dict.fromkeys(read_rows(shop_files.customers)[0], ""), "customer": "C-77", "email": "Later@Example.com"}
    row |= {"email_marketing": "yes", "consent_at": "2026-01-01", "consent_source": "checkout", "country": "GB"}
    path = tmp_path / "customers.csv"
    write_back(path, [row])
    for _ in range(2):  # and no import, however often, brings them back
        take_in(two.app, [path])
        found, wishes = opt_out.standing(two.app, "C-77")
        assert [r.key for r in found] == ["C-77"]
        assert [w.scope for w in wishes] == ["everything"]
    (new,) = two.rows(sa.text("SELECT id FROM customer WHERE key = 'C-77'"))
    with writing(two.app.engine) as c:
        builders.order(c, "O-77", new.id, placed_on=NIGHT.replace(day=1), delivered_on=NIGHT.replace(day=8))
    two.night()
    (decided,) = two.rows(sa.select(decisions).where(decisions.c.customer_id == new.id))
    assert decided.reason == "no_contact"


def test_only_by_their_own_word(two: Stage):
    """Rule 36."""
    opt_out.add(two.app, "C-3", asked())
    opt_out.add(two.app, "C-3", asked(Scope.OFFERS, "no ads"))
    assert opt_out.undo(two.app, "C-3", customer_asked="wrote to us on 15 Nov") == 2
    assert two.rows(sa.select(suppressions)) == []
    ledger = two.rows(sa.select(suppression_events).order_by(suppression_events.c.id))
    assert [(e.action, e.scope) for e in ledger[:2]] == [("add", "everything"), ("add", "offers")]
    assert {(e.action, e.evidence) for e in ledger[2:]} == {("undo", "wrote to us on 15 Nov")}
    with reading(two.app.engine) as c:
        (row,) = audits.since(c, datetime.fromisoformat("2000-01-01T00:00+00:00"), "optout.undo")
    assert (row.about, row.detail["customer_asked"]) == ("C-3", "wrote to us on 15 Nov")
    assert opt_out.undo(two.app, "C-3", customer_asked="again") == 0


@pytest.mark.parametrize("word", ["C-99", "O-99", "nobody", "ana.reed@", "12", ""])
def test_nobody_is_meant(two: Stage, word: str):
    with pytest.raises(Misuse) as refused:
        opt_out.add(two.app, word, asked())
    assert refused.value.code == "OUT-501"
    assert two.rows(sa.select(suppressions)) == []


def test_a_customer_without_an_address_is_answered_with_a_hold(two: Stage):
    with pytest.raises(Misuse, match="C-4 has no address") as refused:
        opt_out.add(two.app, "C-4", asked())
    assert refused.value.code == "OUT-506"
    assert "outreach hold C-4" in refused.value.help


LISTS = {
    "mailchimp": (
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,LEID\n"
        'ana.reed@example.com,Ana,"Reed, A",2,,2019-05-03 10:00:00,12\nOld.Friend@example.com,,,2,,2018-01-01,13\n'
    ),
    "klaviyo": "Email,Phone Number,Suppression Reason\nANA.REED@example.com,,USER\nold.friend@example.com,,X\n",
    "plain": "ana.reed@example.com\n\nold.friend@example.com\n",
    "semicolons": "name;email\nAna;ana.reed@example.com\nOld;old.friend@example.com\n",
    "bom": "\ufeffemail\nana.reed@example.com\nold.friend@example.com\n",
    "phones": "number\n+55 11 91234-5601\n+44 7911 123456\n",
}


@pytest.mark.parametrize("shape", list(LISTS))
def test_an_old_list_of_any_shape(two: Stage, tmp_path: Path, shape: str):
    two.night()
    path = tmp_path / "old.csv"
    path.write_text(LISTS[shape], encoding="utf-8")
    check = opt_out_lists.read_list(two.app, path, asked(), write=False)
    assert (check.read, check.withdrawn, two.rows(sa.select(suppressions))) == (2, 0, [])
    done = opt_out_lists.read_list(two.app, path, asked(), write=True)
    assert (done.read, done.known, done.unknown, done.already, done.withdrawn, done.unread) == (2, 1, 1, 0, 1, ())
    assert states(two)["C-1"] == "suppressed"
    again = opt_out_lists.read_list(two.app, path, asked(), write=True)
    assert (again.already, again.withdrawn) == (2, 0)
    with reading(two.app.engine) as c:
        assert audits.declared(c, "optout_list") == "imported old.csv: 2 addresses"


def test_every_address_of_a_line_counts_and_bad_lines_are_named(two: Stage, tmp_path: Path):
    path = tmp_path / "old.csv"
    path.write_text("Email,Phone\nnew@example.com,+44 7911 123457\nnonsense,\n,\n,0044 7911 123458\n", encoding="utf-8")
    done = opt_out_lists.read_list(two.app, path, asked(), write=True)
    assert (done.read, done.unknown, [str(p) for p in done.unread]) == (2, 2, ["old.csv:3"])
    assert sorted(s.channel for s in two.rows(sa.select(suppressions))) == ["email", "text", "text"]


def test_a_list_that_cannot_be_read(two: Stage, tmp_path: Path):
    path = tmp_path / "old.csv"
    path.write_bytes(b"\xff\xfee\x00m\x00")
    for bad in (path, tmp_path / "missing.csv"):
        with pytest.raises(Misuse) as refused:
            opt_out_lists.read_list(two.app, bad, asked(), write=True)
        assert refused.value.code == "OUT-502"


def test_there_is_no_older_list(two: Stage):
    wish_list.declare_none(two.app)
    with reading(two.app.engine) as c:
        assert (audits.declared(c, "optout_list") or "").startswith("declared not to exist by ")
    assert wish_list.newest(two.app) == (0, [])


def test_a_real_reimport_brings_nobody_back(sqlite_stage: Stage, shop_files: ShopFiles):
    """Rule 35."""
    sqlite_stage.night()
    key = sqlite_stage.messages()[0].key
    opt_out.add(sqlite_stage.app, key, asked())
    take_in(sqlite_stage.app, shop_files.paths)
    sqlite_stage.night(NIGHT.replace(day=15))
    sqlite_stage.hand_over()
    assert {m.state for m in sqlite_stage.messages() if m.key == key} == {"suppressed"}
    told = look(sqlite_stage.app, key, night=None, campaign=None)
    assert (told.since_wish, [w.scope for w in told.wishes][:1]) == (0, ["everything"])


def test_an_opt_out_needs_no_template(sqlite_stage: Stage):
    """Broken layouts stop a night; they never stand in the way of a wish."""
    (sqlite_stage.project / "templates" / "_layouts" / "email.html.j2").write_text("{% if %}", encoding="utf-8")
    assert opt_out.add(sqlite_stage.rebuilt(), "C-0001", asked()).new
    assert opt_out.standing(sqlite_stage.app, "C-0001")[1]
