"""Does another program's list close exactly those who asked, and can theirs be closed by ours?"""

import csv
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.core.cells import harmless
from outreach.core.errors import Misuse
from outreach.core.terms import Scope
from outreach.flows import forget, opt_out, opt_out_export
from outreach.flows.opt_out_lists import LINES, Imported, read_list
from outreach.store import audits
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import reading, writing
from tests import builders
from tests.flows.stage import Stage
from tests.flows.test_wishes import NEVER
from tests.flows.writing_back import hash_of

ANA, BEN, CY, DEE = "ana@example.com", "ben@example.com", "cy@example.com", "+447911123456"
ASKED = opt_out.Asked(Scope.EVERYTHING, "asked", "import", "", None, NEVER)
MAILCHIMP = (
    "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,{},LEID,EUID,NOTES\n"
    'ana@example.com,Ana,2,2016-01-01 10:00:00,{},1,a,"a\nnote"\n'
)
SHOPIFY = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Phone,"
    "Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags\n"
)
#: {shape: (the file, what it is taken for, {(address, scope, reason, the day they said it)})}
LISTS: dict[str, tuple[str, str, set[tuple[str, str, str, str | None]]]] = {
    "mailchimp unsubscribed": (
        MAILCHIMP.format(
            "UNSUB_TIME,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON,UNSUB_REASON_OTHER",
            "2019-05-03 10:00:00,7,,NORMAL,too many",
        ),
        "Mailchimp, unsubscribed",
        {(ANA, "everything", "asked", "2019-05-03")},
    ),
    "mailchimp cleaned": (
        MAILCHIMP.format("CLEAN_TIME,CLEAN_CAMPAIGN_TITLE", "2019-05-04 10:00:00,x"),
        "Mailchimp, cleaned",
        {(ANA, "address", "bounced", "2019-05-04")},
    ),
    "mailchimp all": (
        "Email Address,UNSUB_TIME,CLEAN_TIME\nana@example.com,2019-05-03 10:00:00,\nben@example.com,,\n"
        "cy@example.com,,2019-05-04 10:00:00\n",
        "Mailchimp, contacts of every kind",
        {(ANA, "everything", "asked", "2019-05-03"), (CY, "address", "bounced", "2019-05-04")},
    ),
    "klaviyo suppressed": (
        "Email,Reason,Timestamp\nana@example.com,USER_SUPPRESSED,2023-02-21T20:07:38+00:00\n"
        "ben@example.com,HARD_BOUNCE,2023-02-22T20:07:38+00:00\ncy@example.com,SPAM_COMPLAINT,\n",
        "Klaviyo, suppressed",
        {
            (ANA, "everything", "asked", "2023-02-21"),
            (BEN, "address", "bounced", "2023-02-22"),
            (CY, "everything", "complained", None),
        },
    ),
    "klaviyo profiles": (
        "Email,Klaviyo ID,Phone Number,Email Marketing Consent,Email Suppressions,SMS Marketing Consent\n"
        "ana@example.com,1,,UNSUBSCRIBED,,\nben@example.com,2,,SUBSCRIBED,[HARD_BOUNCE],\n"
        "cy@example.com,3,'+447911123456,NEVER_SUBSCRIBED,,UNSUBSCRIBED\n",
        "Klaviyo, profiles",
        {
            (ANA, "everything", "asked", None),
            (BEN, "address", "bounced", None),
            (DEE, "everything", "asked", None),
        },
    ),
    "shopify": (
        SHOPIFY
        + "'1,Ana,R,ana@example.com,yes,,,,no,10.00,1,,no,\n2,Ben,R,ben@example.com,no,,,'+447911123456,no,,,,,\n"
        "3,Cy,R,,no,,,,,,,,,\n",
        "Shopify, customers",
        {(BEN, "offers", "asked", None), (DEE, "text", "asked", None)},
    ),
    "shopify orders": (
        "Name,Email,Accepts Marketing,Lineitem name\n#1,ana@example.com,yes,x\n#1,ana@example.com,,y\n"
        "#2,ben@example.com,no,x\n",
        "Shopify, customers or orders",
        {(BEN, "offers", "asked", None)},
    ),
    "sendgrid unsubscribes": (
        "email,created\nana@example.com,1556877600\n",
        "SendGrid, unsubscribes",
        {(ANA, "everything", "asked", "2019-05-03")},
    ),
    "sendgrid bounces": (
        "status,reason,email,created\n5.1.1,550 no such user,ana@example.com,1556877600\n"
        "4.2.2,mailbox full,ben@example.com,1556877600\n,unknown,cy@example.com,1556877600\n",
        "SendGrid, bounces",
        {(ANA, "address", "bounced", "2019-05-03"), (CY, "address", "bounced", "2019-05-03")},
    ),
    "sendgrid spam": (
        "email,created,ip\nana@example.com,2019-05-03 10:00:00,192.0.2.1\n",
        "SendGrid, spam reports",
        {(ANA, "everything", "complained", "2019-05-03")},
    ),
    "sendgrid invalid": (
        "email,created,reason\nana@example.com,1556877600,Mail domain mentioned in email address is unknown\n",
        "SendGrid, invalid",
        {(ANA, "address", "bounced", "2019-05-03")},
    ),
    "twilio log": (
        "From,To,Body,Status,SentDate,ErrorCode,Direction\n+12025550100,+447911123456,hi,undelivered,,21610,outbound-api\n"
        "+447911123999,+12025550100,Stop,received,,,inbound\n+447911123888,+12025550100,stop by?,received,,,inbound\n",
        "Twilio, message log",
        {(DEE, "everything", "asked", None), ("+447911123999", "everything", "asked", None)},
    ),
    "twilio opt-outs": (
        "To,OptOutType,Date\n+447911123456,STOP,2019-05-03T10:00:00Z\n+447911123999,START,2019-05-03T10:00:00Z\n",
        "Twilio, opt-outs",
        {(DEE, "everything", "asked", "2019-05-03")},
    ),
    "twilio consent": (
        "contact_id,status,date_of_consent,source\n+447911123456,opt-out,2019-05-03T10:00:00Z,website\n"
        "+447911123999,opt-in,2019-05-03T10:00:00Z,website\n",
        "Twilio, consent",
        {(DEE, "everything", "asked", "2019-05-03")},
    ),
    "some program's": (
        "email;status\nana@example.com;Unsubscribed\nben@example.com;active\ncy@example.com;Hard Bounced\n",
        'a list with a column "status"',
        {(ANA, "everything", "asked", None), (CY, "address", "bounced", None)},
    ),
}


def take(stage: Stage, tmp_path: Path, text: str, *, write: bool = True) -> Imported:
    path = tmp_path / "old.csv"
    path.write_text(text, encoding="utf-8")
    return read_list(stage.app, path, ASKED, write=write)


@pytest.mark.parametrize("shape", list(LISTS))
def test_rule_36_each_programs_own_list(bare: Stage, tmp_path: Path, shape: str):
    """Who accepts is never closed; a bounce is no wish; what they said keeps its own day."""
    text, taken_for, closed = LISTS[shape]
    done = take(bare, tmp_path, text)
    assert done.took_it_for.startswith(taken_for)
    rows = bare.rows(sa.select(suppressions))
    wanted = {(hash_of(address), scope, reason) for address, scope, reason, _ in closed}
    assert {(row.contact_hash, row.scope, row.reason) for row in rows} == wanted
    days = {hash_of(address): day for address, _, _, day in closed}
    for row in rows:
        day = days[row.contact_hash]
        assert day is None or row.since.date().isoformat() == day
        assert row.evidence.startswith("old.csv:")
    assert done.not_read == 0
    before = bare.rows(sa.select(suppression_events))
    again = take(bare, tmp_path, text)
    assert (again.already, again.withdrawn) == (again.read, 0)
    assert bare.rows(sa.select(suppression_events)) == before, "the same file twice changes nothing"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Email Address,MEMBER_RATING,OPTIN_TIME\nana@example.com,2,2016-01-01 10:00:00\n", "did not ask"),
        ("email,newsletter\nana@example.com,1\n", "who in old.csv asked"),
        ("email,Opt In\nana@example.com,1\n", "who in old.csv asked"),
        ("name,surname\nAna,Reed\n", "no column of addresses"),
    ],
)
def test_a_list_that_does_not_say_who_asked_closes_nobody(sqlite_stage: Stage, tmp_path: Path, text: str, said: str):
    with pytest.raises(Misuse, match=said) as refused:
        take(sqlite_stage, tmp_path, text)
    assert refused.value.code == "OUT-508"
    assert sqlite_stage.rows(sa.select(suppressions)) == []


def test_a_word_nobody_knows_is_a_line_for_a_person(sqlite_stage: Stage, tmp_path: Path):
    done = take(sqlite_stage, tmp_path, "email,status\nana@example.com,zombie\nben@example.com,unsubscribed\n")
    assert ([str(place) for place in done.unread], done.not_read, done.read) == (["old.csv:2"], 1, 1)


def test_rule_36_whoever_came_back_since_is_not_closed_by_what_they_said_before(bare: Stage, tmp_path: Path):
    text = LISTS["mailchimp unsubscribed"][0]
    take(bare, tmp_path, text)
    opt_out.undo(bare.app, ANA, customer_asked="wrote to us")
    done = take(bare, tmp_path, text)
    assert (done.read, done.since_back, bare.rows(sa.select(suppressions))) == (1, 1, [])
    later = text.replace("2019-05-03", "2099-05-03")
    assert take(bare, tmp_path, later).since_back == 0
    assert len(bare.rows(sa.select(suppressions))) == 1


def test_a_check_writes_nothing(sqlite_stage: Stage, tmp_path: Path):
    done = take(sqlite_stage, tmp_path, LISTS["shopify"][0], write=False)
    assert (done.read, done.left, sqlite_stage.rows(sa.select(suppressions))) == (1, 2, [])


def test_a_big_list_is_read_some_lines_at_a_time(sqlite_stage: Stage, tmp_path: Path):
    """What is held at once does not grow with the file: the first lines are in before the last are read."""
    path = tmp_path / "old.csv"
    path.write_bytes(b"email\n" + b"".join(b"a%d@example.com\n" % i for i in range(LINES)) + b"\xff@example.com\n")
    with pytest.raises(Misuse, match="what stood before it is in") as refused:
        read_list(sqlite_stage.app, path, ASKED, write=True)
    assert refused.value.code == "OUT-502"
    assert sqlite_stage.rows(sa.select(sa.func.count()).select_from(suppressions)) == [(LINES,)]


# --- the other way


def people(stage: Stage) -> None:
    with writing(stage.app.engine) as c:
        builders.customer(c, "C-1", ANA, DEE, first_name="Ana")
        builders.customer(c, "C-2", "=cmd@example.com", None, first_name="Ben")
        builders.customer(c, "C-3", CY, None, first_name="Cy")
        builders.customer(c, "C-4", "dan@example.com", "+447911123999", first_name="Dan")
    opt_out.add(stage.app, "C-1", ASKED)
    opt_out.add(stage.app, "C-2", opt_out.Asked(Scope.OFFERS, "asked", "staff", None, None, NEVER))
    opt_out.add(stage.app, "C-4", opt_out.Asked(Scope.TEXT, "asked", "staff", None, None, NEVER))
    opt_out.add(stage.app, "never@example.com", ASKED)


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_what_other_senders_get(bare: Stage, tmp_path: Path):
    people(bare)
    opt_out.add(bare.app, "C-3", ASKED)
    forget.forget(bare.app, "C-3")
    done = opt_out_export.export(bare.app, None, "csv")
    assert (done.addresses, done.bare) == (4, 2), "an erased address, and one nobody ever had"
    rows = cells(done.path)
    assert {(row[0], row[1], row[2]) for row in rows[1:]} == {
        ("email", ANA, "everything"),
        ("text", f"'{DEE}", "everything"),
        ("email", "'=cmd@example.com", "offers"),
        ("text", "'+447911123999", "text"),
    }
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    mail = opt_out_export.export(bare.app, tmp_path / "m.csv", "mailchimp")
    assert cells(mail.path) == [["Email Address"], ["'=cmd@example.com"], [ANA]]
    texts = opt_out_export.export(bare.app, tmp_path / "t.csv", "twilio")
    assert [row[:2] for row in cells(texts.path)[1:]] == [[f"'{DEE}", "opt-out"], ["'+447911123999", "opt-out"]]
    with reading(bare.app.engine) as c:
        written = audits.since(c, builders.LONG_AGO, "optout.export")
    assert [(row.about, row.detail) for row in written] == [
        ("csv", {"addresses": 4}),
        ("mailchimp", {"addresses": 2}),
        ("twilio", {"addresses": 2}),
    ]


def test_what_we_export_we_can_import(bare: Stage, tmp_path: Path):
    people(bare)
    before = {(row.contact_hash, row.channel) for row in bare.rows(sa.select(suppressions))}
    path = opt_out_export.export(bare.app, tmp_path / "s.csv", "sendgrid").path
    assert read_list(bare.app, path, ASKED, write=True).already == 2
    assert {(row.contact_hash, row.channel) for row in bare.rows(sa.select(suppressions))} == before


def test_pauses_and_bounces_are_no_unsubscribes(bare: Stage, tmp_path: Path):
    with writing(bare.app.engine) as c:
        builders.customer(c, "C-1", ANA, None)
        builders.customer(c, "C-2", BEN, None)
    take(bare, tmp_path, LISTS["mailchimp cleaned"][0])
    until = builders.LONG_AGO.date().replace(year=2199)
    opt_out.add(bare.app, "C-2", opt_out.Asked(Scope.EVERYTHING, "asked", "page", None, until, NEVER))
    done = opt_out_export.export(bare.app, tmp_path / "m.csv", "mailchimp")
    assert (done.addresses, done.left_out) == (0, 2)
    assert opt_out_export.export(bare.app, tmp_path / "m.csv", "csv").addresses == 2


def test_a_list_that_cannot_be_written(sqlite_stage: Stage, tmp_path: Path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for path, layout in ((None, "fax"), (tmp_path / "taken" / "x.csv", "csv")):
        with pytest.raises(Misuse) as refused:
            opt_out_export.export(sqlite_stage.app, path, layout)
        assert refused.value.code == "OUT-511"


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@x", "\tx", "\rx"])
def test_security_8_no_cell_begins_a_formula(cell: str):
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"
