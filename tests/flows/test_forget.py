"""Is a forgotten person gone from every table and every file, for good, while their wish stands?"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.inbound import Event, Told, Written
from outreach.core.proofs import key_hashed, words_hashed
from outreach.core.terms import Channel, Scope
from outreach.flows import forget, levers, opt_out, walls
from outreach.flows.explain_why import look
from outreach.flows.receive import receive
from outreach.flows.tonight import leaving, night_named
from outreach.flows.tonight_page import write_page
from outreach.records.invented import ShopFiles
from outreach.records.rejects import COLUMN
from outreach.store import page_answers, wish_changes
from outreach.store.contacts import consent_events, contact_points, suppression_events, suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.inbox_schema import conversations, forwards
from outreach.store.page_answers import Given, Question
from outreach.store.schema import audits, outbox
from outreach.store.shop import customers
from outreach.store.types import metadata
from tests import builders
from tests.builders import PEPPER
from tests.flows.stage import NIGHT, Stage, read_rows, take_in, write_back
from tests.flows.test_lists import Kept
from tests.flows.test_wishes import asked
from tests.flows.writing_back import hash_of

MAIL, PHONE, OLD = "leonor.quintela@example.com", "+447911123456", "lq.before@example.org"
NAMES = ("Leonor", "Quintela")
WORDS = ("grandmother's lamp", "my dog Biscuit", "hospital on Friday", "Rua das Flores")


def shop_of(stage: Stage) -> Stage:
    """Leonor has a mail address, an older one and a phone, and got a parcel; Ben is somebody else."""
    with writing(stage.app.engine) as c:
        lea = builders.customer(
            c, "C-1", MAIL, PHONE, consent=("email", "text"), first_name=NAMES[0], last_name=NAMES[1], city="Leeds"
        )
        builders.contact_point(c, lea, Channel.EMAIL, OLD, current=False)
        ben = builders.customer(c, "C-2", "ben@example.net", "+447700900456", consent=("email",), first_name="Ben")
        for key, who in (("O-1", lea), ("O-2", ben)):
            days = {"placed_on": NIGHT.replace(day=1), "promised_on": NIGHT.replace(day=8)}
            builders.order(c, key, who, delivered_on=NIGHT.replace(day=7), lines=["beans"], **days)
    return stage


def living(stage: Stage) -> None:
    """All that can be told of one person is told: by the program's own doors."""
    app = stage.app
    stage.night()
    stage.hand_over()
    report = night_named(app, None)
    assert report is not None
    write_page(app, report, leaving(app, report.run.id))
    number = Written("twilio", "SM1", Channel.TEXT, PHONE, "+447700900000", f"where is {WORDS[0]}?", _form(WORDS[0]))
    receive(app, (number,))
    stop = Written("twilio", "SM2", Channel.TEXT, PHONE, "+447700900000", f"stop texting, {WORDS[1]}", _form(WORDS[1]))
    receive(app, (stop,))
    bounce = Event("sendgrid", "e1", Told.BOUNCED, Channel.EMAIL, MAIL.encode(), address=MAIL, said=f"550 <{MAIL}>")
    receive(app, (bounce,))
    levers.hold(app, "C-1", until=None, because=f"asked after {WORDS[2]}")
    opt_out.undo(app, "C-1", customer_asked=f"called, {WORDS[2]}")
    with writing(app.engine) as c:
        at = now(c)
        hers = consent_events.c.contact_hash == hash_of(MAIL)
        given = Given("damaged", "page", None, at)
        page_answers.keep(c, 1, Question(1, "delivery_check", "O-1"), given, words=WORDS[3])
        wish_changes.keep_parting_word(c, (1, hash_of(MAIL)), ("other", WORDS[3]), at=at)
        c.execute(sa.update(conversations).values(did=f"sent {NAMES[0]} a new one", change="pack lamps better"))
        c.execute(sa.update(consent_events).where(hers).values(source=f"form of {MAIL}"))
        c.execute(sa.text("UPDATE purchase SET late_reason = 'left with Leonor' WHERE key = 'O-1'"))
    written_files(stage.project)


def _form(words: str) -> bytes:
    return f"From=%2B447911123456&Body={words}".encode()


def written_files(project: Path) -> None:
    """What else the program may have written: a trace, a list of rejected rows, a preview."""
    for name, text in {
        ".outreach/faults/20261114.txt": f"ValueError: {MAIL}",
        ".outreach/preview/delivery_check.html": f"Dear {NAMES[0]}",
        ".outreach/history/x/1.j2": f"Dear {NAMES[0]}, a template of the shop's own",
        "rejected/customers.rejected.csv": (
            f"customer,email,phone,{COLUMN}\r\nC-9,ben@example.net,,bad\r\nC-1,,,bad\r\n,{MAIL.upper()},,bad\r\n"
            f",,+44 7911 123456,bad\r\n,,,{NAMES[0]} {NAMES[1]}\r\nC-11,x@example.org,,bad\r\n"
        ),
    }.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def everything_stored(stage: Stage) -> Iterator[tuple[str, str]]:
    """(table.column, what stands there) of the whole database; what was compressed, as it was before."""
    with reading(stage.app.engine) as c:
        for name, table in metadata.tables.items():
            for row in c.execute(sa.select(table)):
                for column, value in row._mapping.items():
                    yield f"{name}.{column}", _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("latin-1") + zlib.decompress(value).decode("latin-1")
    except zlib.error:
        return value.decode("latin-1")


def found_in_database(stage: Stage, words: tuple[str, ...]) -> list[str]:
    traces = [word.lower() for word in words]
    return [where for where, text in everything_stored(stage) if any(word in text.lower() for word in traces)]


def found_in_files(stage: Stage, words: tuple[str, ...]) -> list[str]:
    found = []
    for path in sorted(stage.project.rglob("*")):
        if path.is_file() and not str(path.relative_to(stage.project)).startswith(".outreach/history"):
            data = path.read_bytes().lower()
            found += [str(path.relative_to(stage.project)) for word in words if word.lower().encode() in data]
    return found


TRACES = (MAIL, PHONE, "7911123456", OLD, *NAMES, *WORDS)


def test_rule_35_nothing_of_them_is_left_anywhere(bare: Stage):
    """Every column of every table, and every file of the project, on both databases."""
    stage = shop_of(bare)
    living(stage)
    tables = {where.partition(".")[0] for where in found_in_database(stage, TRACES)}
    everywhere = {"customer", "contact_point", "suppression_event", "consent_event", "inbox_event", "purchase"}
    assert tables >= everywhere | {"reply", "conversation", "delivery_answer", "parting_word", "hold", "audit"}
    assert len(set(found_in_files(stage, TRACES))) >= 6
    before = stage.counts()
    looked = forget.look(stage.app, "C-1")
    assert stage.counts() == before, "a dry run changes nothing"
    done = forget.forget(stage.app, "C-1")
    assert looked.rows.keys() == done.rows.keys()
    assert (looked.files.files, looked.files.rows) == (done.files.files, done.files.rows)
    assert done.files.rows == 4
    assert found_in_database(stage, TRACES) == []
    assert found_in_files(stage, TRACES) == []
    kept = (stage.project / "rejected" / "customers.rejected.csv").read_text(encoding="utf-8")
    assert [line.partition(",")[0] for line in kept.splitlines()] == ["customer", "C-9", "C-11"]
    assert (stage.project / ".outreach" / "history" / "x" / "1.j2").exists(), "the shop's own words are no concern"
    again = forget.forget(stage.app, "C-1")
    assert (again.anything, stage.counts()["audit"]) == (False, before["audit"] + 1)
    assert [m.state for m in stage.messages() if m.key == "C-2"] == ["accepted"], "Ben's own is as it was"
    assert stage.rows(sa.select(customers.c.first_name).where(customers.c.key == "C-2")) == [("Ben",)]


def test_rule_35_what_stays_is_the_proof_and_the_wish(bare: Stage):
    stage = shop_of(bare)
    said = "please take me off your list"
    receive(stage.app, (Written("twilio", "SM2", Channel.TEXT, PHONE, "+447700900000", said, _form(said)),))
    forget.forget(stage.app, "C-1")
    rows = stage.rows(sa.select(suppressions).order_by(suppressions.c.contact_hash))
    by_text = {row.contact_hash: row for row in rows if row.channel == "text"}
    proof = by_text[hash_of(PHONE)]
    assert (proof.scope, proof.door, proof.reason) == ("everything", "stop", "asked")
    assert proof.evidence == words_hashed(PEPPER, said), "whoever has the words can show that they are the same"
    assert {row.contact_hash for row in rows} == {hash_of(MAIL), hash_of(PHONE), hash_of(OLD)}
    ledger = stage.rows(sa.select(suppression_events.c.at, suppression_events.c.evidence))
    assert len(ledger) == 3
    assert all(words_hashed(PEPPER, e.evidence) == e.evidence for e in ledger), "a proof is not hashed twice"


def test_rule_37_no_import_brings_them_back(sqlite_stage: Stage, shop_files: ShopFiles, tmp_path: Path):
    """The same key; another key with their address; a spouse who keeps the address; another key with a new phone."""
    stage = sqlite_stage
    first, second = read_rows(shop_files.customers)[:2]
    record = tmp_path / "customers.csv"
    yes = {"email_marketing": "yes", "consent_at": "2026-01-01", "consent_source": "checkout"}
    spouse = {**second, "customer": "C-SPOUSE", "email": first["email"], "phone": "", "first_name": "Sponsa"}
    write_back(record, [spouse])
    take_in(stage.app, [record])
    forget.forget(stage.app, first["customer"])
    hers = {"email": first["email"], "phone": first["phone"], "first_name": "Zenobia", "last_name": "Backagain"}
    again = [
        {**first, **hers, **yes},
        {**first, **hers, **yes, "customer": "C-NEW"},
        {**first, **hers, **yes, "customer": first["email"]},
        {**first, **hers, **yes, "customer": "C-PHONE", "phone": "+447911123999", "last_name": "Whoknows"},
        {**spouse, "city": "Moved"},
    ]
    for _ in range(2):
        write_back(record, again)
        take_in(stage.app, [record])
        again[0]["city"] += "x"
    assert found_in_database(stage, ("Backagain",)) == []
    points = stage.rows(
        sa.select(customers.c.key, contact_points.c.address, contact_points.c.current)
        .join(customers, customers.c.id == contact_points.c.customer_id)
        .where(contact_points.c.address == first["email"].lower())
    )
    assert [tuple(point) for point in points] == [("C-SPOUSE", first["email"].lower(), True)]
    assert found_in_database(stage, ("C-SPOUSE",)), "the spouse keeps the record"
    renamed = key_hashed(PEPPER, first["email"])
    assert stage.rows(sa.select(customers.c.erased_at.is_not(None)).where(customers.c.key == renamed)) == [(True,)]
    told = look(stage.app, "C-PHONE", night=None, campaign=None)
    assert {wish.reason for wish in told.wishes} == {"erased"}, "whoever the record says they are now is left alone"
    assert stage.rows(sa.select(consent_events).where(consent_events.c.at > builders.LONG_AGO.replace(year=2027))) == []


def test_a_shared_address_stays_with_the_other(bare: Stage):
    with writing(bare.app.engine) as c:
        ana = builders.customer(c, "C-1", MAIL, PHONE, first_name="Leonor")
        builders.customer(c, "C-2", MAIL, None, household=ana, first_name="Ben")
    with pytest.raises(Misuse) as refused:
        forget.forget(bare.app, MAIL)
    assert (refused.value.code, refused.value.facts) == ("OUT-503", ("C-1", "C-2"))
    done = forget.forget(bare.app, "C-1")
    assert done.shared == ("C-2",)
    points = bare.rows(sa.select(contact_points.c.customer_id, contact_points.c.address))
    assert sorted(points, key=str) == [(1, None), (1, None), (2, MAIL)]
    with pytest.raises(Misuse):
        forget.forget(bare.app, MAIL)  # a second time it must not take Ben, who is the only one left with a name


def test_an_address_nobody_has_is_remembered_as_a_wish(bare: Stage):
    bare._app = replace(bare.app, lists={Channel.EMAIL: Kept("sendgrid", Channel.EMAIL)})
    done = forget.forget(bare.app, MAIL)
    assert (done.key, done.silenced, done.untold) == (None, 1, 1)
    assert [row.scope for row in opt_out.standing(bare.app, MAIL)[1]] == ["everything"]
    assert walls.tell(bare.app)["told"] == 1
    assert found_in_database(bare, (MAIL,)) == [], "the address was kept only until the provider's list was told"
    assert not forget.forget(bare.app, MAIL).anything


def test_a_key_that_is_their_address_becomes_a_hash(bare: Stage):
    with writing(bare.app.engine) as c:
        builders.customer(c, MAIL, MAIL, None, first_name="Leonor")
    opt_out.add(bare.app, MAIL, asked(Scope.OFFERS))
    forget.forget(bare.app, MAIL)
    assert found_in_database(bare, (MAIL,)) == []
    assert bare.rows(sa.select(customers.c.key)) == [(key_hashed(PEPPER, MAIL),)]
    assert {row.about for row in bare.rows(sa.select(audits))} == {key_hashed(PEPPER, MAIL)}
    assert not forget.forget(bare.app, MAIL).anything


def test_what_waits_ends_a_safety_notice_too(bare: Stage):
    stage = shop_of(bare)
    stage.night()
    stage.change(sa.update(outbox).where(outbox.c.customer_id == 1).values(kind="safety"))
    done = forget.forget(stage.app, "C-1")
    assert done.withdrawn == 1
    assert {m.key: (m.state, m.because) for m in stage.messages()}["C-1"] == ("suppressed", "erased")
    assert stage.hand_over().states == {"accepted": 1}


def test_a_mail_on_its_way_to_the_shop_goes_no_further(bare: Stage):
    stage = shop_of(bare)
    receive(stage.app, (Written("twilio", "SM1", Channel.TEXT, PHONE, "+447700900000", "where is it?", _form("x")),))
    assert [row.state for row in stage.rows(sa.select(forwards))] == ["waiting"]
    forget.forget(stage.app, "C-1")
    assert [row.state for row in stage.rows(sa.select(forwards))] == ["refused"]
    (talk,) = stage.rows(sa.select(conversations))
    assert (talk.closed_by, talk.closed_at is not None) == ("erased", True), "nobody waits for an answer"


def test_news_that_comes_later_is_kept_without_the_address(bare: Stage):
    stage = shop_of(bare)
    forget.forget(stage.app, "C-1")
    for i, address in enumerate((MAIL, "ben@example.net")):
        came = Event("sendgrid", f"e{i}", Told.DELIVERED, Channel.EMAIL, address.encode(), address=address)
        assert receive(stage.app, (came,)).new == 1
    assert found_in_database(stage, (MAIL,)) == []
    assert "inbox_event.raw" in found_in_database(stage, ("ben@example.net",))


def test_they_come_back_by_their_own_word(bare: Stage):
    """Product, belief 3: the door back is open, and only they can open it."""
    stage = shop_of(bare)
    forget.forget(stage.app, "C-1")
    assert opt_out.undo(stage.app, MAIL, customer_asked="wrote to us on 20 Nov") == 3
    assert stage.rows(sa.select(customers.c.erased_at).where(customers.c.key == "C-1")) == [(None,)]
    assert stage.rows(sa.select(contact_points.c.address).where(contact_points.c.customer_id == 1)) == [(None,)] * 3


def test_nobody_is_meant(bare: Stage):
    with pytest.raises(Misuse) as refused:
        forget.forget(bare.app, "C-99")
    assert refused.value.code == "OUT-501"


def test_the_file_of_the_database_holds_no_old_bytes(sqlite_stage: Stage, shop_files: ShopFiles):
    """What SQLite frees stays in the file until it is written anew."""
    first = read_rows(shop_files.customers)[0]
    engine = sqlite_stage.app.engine
    engine.dispose()  # some builds of SQLite overwrite what they free; this one is told not to
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA secure_delete=OFF").close())
    long = "Sesame Street " * 2_000  # pages of its own, which are freed whole
    sqlite_stage.change(sa.update(customers).where(customers.c.key == first["customer"]).values(city=long))
    traces = (first["email"], "Sesame Street")
    folder = sqlite_stage.project / ".outreach"
    holds = [p.name for p in folder.glob("outreach.db*") if re.search(first["email"].encode(), p.read_bytes())]
    assert holds
    done = forget.forget(sqlite_stage.app, first["customer"])
    assert done.compacted
    sqlite_stage.close()
    for path in folder.glob("outreach.db*"):
        assert not any(trace.encode() in path.read_bytes() for trace in traces), path.name
