"""Whatever is imported, merged, erased and added again, and by whichever door people leave: does nothing ever widen?

The model beside it knows only what people said. What may be sent is asked of the program: by the gates at night and by
the guard at hand-off.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from outreach.core.case import Case
from outreach.core.gates_law import bounced, channel_off, no_consent, no_contact, orders_only, paused
from outreach.core.inbound import Event, Told, Written
from outreach.core.terms import Channel, Kind, LegalClass, Mode, Scope
from outreach.flows import choices, forget, opt_out, opt_out_lists
from outreach.flows.receive import receive
from outreach.store import people, wishes
from outreach.store.contacts import consent_events, contact_points, suppressions
from outreach.store.engine import reading, writing
from outreach.store.forbids import asked_not_to
from outreach.store.people import AsOf
from outreach.store.schema import outbox, runs
from outreach.store.shop import customers
from outreach.store.types import metadata
from tests.core.cases import campaign, candidate, rules
from tests.flows.stage import Stage, take_in, write_back
from tests.flows.test_wishes import NEVER
from tests.flows.writing_back import hash_of

KEYS = ("C-1", "C-2", "C-3")
MAILS = ("ana@example.com", "ben@example.com")
PHONES = ("+447911123456", "+447911123999")
LAWS = (no_contact, channel_off, orders_only, paused, no_consent, bounced)
LATER = AsOf(date(2099, 1, 1), Mode.LIVE, datetime(2099, 1, 1, tzinfo=UTC), "GB")

words = st.sampled_from(("yes", "no", ""))
imports = st.tuples(
    st.just("import"),
    st.sampled_from(KEYS),
    st.sampled_from((*MAILS, "")),
    st.sampled_from((*PHONES, "")),
    words,
    words,
)
scopes = st.sampled_from((Scope.EVERYTHING, Scope.OFFERS, Scope.EMAIL, Scope.TEXT))
addresses = st.sampled_from((*MAILS, *PHONES))
steps = st.one_of(
    imports,
    imports,
    st.tuples(st.just("staff"), st.one_of(st.sampled_from(KEYS), addresses), scopes),
    st.tuples(st.just("list"), addresses, scopes),
    st.tuples(st.just("button"), st.sampled_from(KEYS)),
    st.tuples(st.just("stop"), st.sampled_from(PHONES)),
    st.tuples(st.just("bounce"), st.sampled_from(MAILS)),
    st.tuples(st.just("start"), st.sampled_from(PHONES)),
    st.tuples(st.just("undo"), st.one_of(st.sampled_from(KEYS), addresses)),
    st.tuples(st.just("erase"), st.sampled_from(KEYS)),
)


@dataclass
class Said:
    """What people said. `had`: every address hash of a record; `closed`: {hash: {scope: door}}."""

    had: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    closed: dict[str, dict[Scope, str]] = field(default_factory=lambda: defaultdict(dict))
    refused: set[str] = field(default_factory=set)
    no_to: set[tuple[str, Channel]] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def record(self, key: str, hashes: set[str]) -> None:
        if key in self.erased:
            return
        if key not in self.had and hashes and hashes <= self.gone:
            self.erased.add(key)
        self.had[key] |= hashes

    def close(self, hashes: set[str], scope: Scope, door: str) -> None:
        for one in hashes:
            self.closed[one].setdefault(scope, door)

    def around(self, hashes: set[str]) -> set[str]:
        """All addresses of whoever has one of these."""
        return hashes.union(*(theirs for theirs in self.had.values() if theirs & hashes))

    def forbids(self, key: str, to: str, channel: Channel, legal: LegalClass) -> bool:
        for one in self.had[key] | {to}:
            for scope in self.closed.get(one, ()):
                offers = scope is Scope.OFFERS and legal is LegalClass.MARKETING
                dead = scope is Scope.ADDRESS and one == to
                if scope in (Scope.EVERYTHING, Scope(channel.value)) or offers or dead:
                    return True
        return key in self.erased


@dataclass
class World:
    """One shop, played through the program's own doors; `said` is told the same."""

    stage: Stage
    said: Said = field(default_factory=Said)
    count: int = 0

    def play(self, step: tuple[Any, ...]) -> None:
        known, grants = self.known(), self.grants()
        getattr(self, f"_{step[0]}")(*step[1:])
        new = self.grants() - grants
        assert not {one for _, one, _ in new} & known, "only the first record of an unknown address may grant"
        self.nothing_widened(step)

    def nothing_widened(self, step: tuple[Any, ...]) -> None:
        granted = {(one, level) for _, one, level in self.grants()}
        for key, to, channel, legal in self.allowed():
            assert not self.said.forbids(key, to, channel, legal), (step, key, channel, legal)
            if legal is LegalClass.MARKETING or channel is Channel.TEXT:
                assert {(to, "marketing"), (to, legal.value)} & granted, (step, "without a grant")
            if legal is LegalClass.MARKETING:
                assert to not in self.said.refused, (step, "they said no to offers")
        kept = {(row.contact_hash, Scope(row.scope)) for row in self.rows(sa.select(suppressions))}
        for one, scope in ((one, scope) for one, scopes_ in self.said.closed.items() for scope in scopes_):
            wholly = scope is not Scope.ADDRESS and (one, Scope.EVERYTHING) in kept  # more than they asked will do
            assert (one, scope) in kept or wholly, (step, scope)

    def allowed(self) -> set[tuple[str, str, Channel, LegalClass]]:
        """(customer, address hash, channel, level) that the gates and the guard both let pass."""
        found = set()
        with reading(self.stage.app.engine) as c:
            keys = {row.id: row.key for row in c.execute(sa.select(customers.c.id, customers.c.key))}
            persons = people.load(c, list(keys), LATER)
        for id_, person in persons.items():
            for contact in person.contacts:
                for legal in LegalClass:
                    kind = Kind.OFFER if legal is LegalClass.MARKETING else Kind.SERVICE
                    case = Case(campaign("x", kind, 1), candidate(), person, contact.channel, contact, legal, rules())
                    if all(law(case) is None for law in LAWS):
                        found.add((id_, contact.id, contact.address_hash, contact.channel, legal))
        return {(keys[i], h, channel, legal) for i, _, h, channel, legal in self.passed(found)}

    def passed(self, asked: set[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Those the guard lets pass too, asked of a message that is there for a moment."""
        listed = sorted(asked, key=str)
        with self.stage.app.engine.connect() as c:
            c.execute(
                sa.insert(runs).values(
                    id=1,
                    name="n",
                    job="n",
                    business_date=LATER.night,
                    mode="live",
                    state="done",
                    started_at=LATER.known_before,
                )
            )
            for number, one in enumerate(listed, 1):
                c.execute(sa.insert(outbox).values(**self.message(number, one)))
            free = set(c.execute(sa.select(outbox.c.id).where(~asked_not_to())).scalars())
            c.rollback()
        return [one for number, one in enumerate(listed, 1) if number in free]

    def message(self, number: int, one: tuple[Any, ...]) -> dict[str, Any]:
        id_, point, address, channel, legal = one
        at = LATER.known_before
        return {
            "id": number, "dedupe_key": str(number), "run_id": 1, "night": LATER.night, "mode": "live",
            "campaign": "x", "kind": "offer", "legal": legal.value, "customer_id": id_, "contact_point_id": point,
            "contact_hash": address, "channel": channel.value, "subject_key": "s", "subjects": [], "facts": {},
            "state": "ready", "rank": 1, "draw": 1, "not_before": at, "not_after": at, "created_at": at,
            "updated_at": at,
        }  # fmt: skip

    def rows(self, query: Any) -> list[Any]:
        return self.stage.rows(query)

    def known(self) -> set[str]:
        points = self.rows(sa.select(contact_points.c.address_hash))
        said = self.rows(sa.select(consent_events.c.contact_hash))
        return {row[0] for row in (*points, *said, *self.rows(sa.select(suppressions.c.contact_hash)))}

    def grants(self) -> set[tuple[int, str, str]]:
        e = consent_events.c
        return {tuple(row) for row in self.rows(sa.select(e.id, e.contact_hash, e.level).where(e.action == "grant"))}

    # --- what may happen

    def _import(self, key: str, mail: str, phone: str, offers: str, texts: str) -> None:
        row = {"customer": key, "email": mail, "phone": phone, "country": "GB", "email_marketing": offers}
        row |= {"sms_marketing": texts, "consent_at": "2025-01-02 10:00:00", "consent_source": "checkout"}
        path = self.stage.project / "customers.csv"
        write_back(path, [row])
        before, no_to = self.grants(), set(self.said.no_to)
        take_in(self.stage.app, [path])
        channels = {hash_of(mail): Channel.EMAIL, hash_of(phone): Channel.TEXT}
        for _, one, _ in self.grants() - before:
            assert (key, channels[one]) not in no_to, "a new address does not undo their no"
        said = ((mail, Channel.EMAIL, offers), (phone, Channel.TEXT, texts))
        if not {hash_of(to) for to, _, _ in said if to} & self.said.gone and key not in self.said.erased:
            self.said.no_to |= {(key, channel) for to, channel, word in said if to and word == "no"}
        if key not in self.said.erased:
            self.said.refused |= {hash_of(to) for to, word in ((mail, offers), (phone, texts)) if to and word == "no"}
            self.said.refused -= self.said.gone  # nobody's record speaks for who was erased
        self.said.record(key, {hash_of(address) for address in (mail, phone) if address})

    def _meant(self, word: str) -> set[str]:
        if word in KEYS:
            return set(self.said.had.get(word, ()))
        return {hash_of(word)}

    def _staff(self, word: str, scope: Scope) -> None:
        if self._meant(word):
            opt_out.add(self.stage.app, word, opt_out.Asked(scope, "asked", "staff", "said so", None, NEVER))
            self.said.close(self._meant(word), scope, "staff")

    def _list(self, address: str, scope: Scope) -> None:
        path = self.stage.project / "old.csv"
        path.write_text(f"{address}\n", encoding="utf-8")
        asked = opt_out.Asked(scope, "asked", "import", path.name, None, NEVER)
        opt_out_lists.read_list(self.stage.app, path, asked, write=True)
        self.said.close({hash_of(address)}, scope, "import")

    def _button(self, key: str) -> None:
        with reading(self.stage.app.engine) as c:
            found = wishes.find_customer(c, key, [])
            points = wishes.points_of(c, found[0].id) if found else []
        if points:
            choices.one_click(self.stage.app, points[0].id)
            self.said.close(set(self.said.had[key]), Scope.EVERYTHING, "header")

    def _written(self, phone: str, text: str) -> None:
        self.count += 1
        heard = Written("twilio", f"SM{self.count}", Channel.TEXT, phone, "+447700900000", text, text.encode())
        receive(self.stage.app, (heard,))

    def _stop(self, phone: str) -> None:
        """Of one who has the phone alone, every address; of several, the phone."""
        theirs = [key for key, had in self.said.had.items() if hash_of(phone) in had]
        self._written(phone, "STOP")
        covered = self.said.had[theirs[0]] if len(theirs) == 1 else set()
        self.said.close({hash_of(phone), *covered}, Scope.EVERYTHING, "stop")

    def _start(self, phone: str) -> None:
        """Only what a text had closed, and only for texts."""
        self._written(phone, "START")
        for one in self.said.around({hash_of(phone)}):
            closed = self.said.closed.get(one, {})
            if closed.get(Scope.EVERYTHING) == "stop":
                del closed[Scope.EVERYTHING]
                if one in {hash_of(mail) for mail in MAILS}:
                    closed.setdefault(Scope.EMAIL, "stop")

    def _bounce(self, mail: str) -> None:
        self.count += 1
        came = Event("sendgrid", f"e{self.count}", Told.BOUNCED, Channel.EMAIL, b"x", address=mail)
        receive(self.stage.app, (came,))
        self.said.close({hash_of(mail)}, Scope.ADDRESS, "provider")

    def _undo(self, word: str) -> None:
        if not self._meant(word):
            return
        opt_out.undo(self.stage.app, word, customer_asked="they wrote to us")
        lifted = self.said.around(self._meant(word)) if word not in KEYS else self._meant(word)
        for one in lifted:
            closed = self.said.closed.get(one, {})
            self.said.closed[one] = {scope: door for scope, door in closed.items() if scope is Scope.ADDRESS}
        back = {key for key in self.said.erased if self.said.had[key] & lifted}
        self.said.erased -= back
        self.said.gone -= set().union(*(self.said.had[key] for key in back))

    def _erase(self, key: str) -> None:
        if key in self.said.had or key in {row.key for row in self.rows(sa.select(customers.c.key))}:
            forget.forget(self.stage.app, key)
            self.said.close(set(self.said.had[key]), Scope.EVERYTHING, "staff")
            self.said.erased.add(key)
            self.said.gone |= self.said.had[key]


def empty(stage: Stage) -> None:
    with writing(stage.app.engine) as c:
        for table in reversed(metadata.sorted_tables):
            if table.name != "installation":
                c.execute(sa.delete(table))


def play(stage: Stage, played: list[tuple[Any, ...]]) -> None:
    empty(stage)
    world = World(stage)
    for step in played:
        world.play(step)


A, P = MAILS[0], PHONES[0]
YES = ("import", "C-1", A, P, "yes", "yes")
HARD = [
    [YES, ("stop", P), YES, ("import", "C-2", A, "", "yes", ""), ("start", P), ("erase", "C-1"), YES],
    [YES, ("erase", "C-1"), ("import", "C-2", A, PHONES[1], "yes", "yes"), ("import", "C-3", A, P, "yes", "yes")],
    [YES, ("import", "C-2", A, "", "no", ""), ("staff", "C-1", Scope.OFFERS), ("undo", A), YES],
    [YES, ("staff", "C-1", Scope.TEXT), ("start", P), ("erase", "C-1"), ("start", P), YES, ("undo", A), YES],
]
HARD += [
    [("import", "C-1", A, "", "no", ""), ("import", "C-1", MAILS[1], "", "yes", "")],
    [YES, ("stop", P), ("start", P)],
    [YES, ("import", "C-2", A, PHONES[1], "yes", "yes"), ("stop", P), ("erase", "C-1"), ("start", P)],
]
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.timeout(240)
@settings(max_examples=80, **SETTINGS)
@given(st.lists(steps, min_size=3, max_size=9))
@example(HARD[0])
@example(HARD[1])
@example(HARD[2])
@example(HARD[3])
@example(HARD[4])
@example(HARD[5])
@example(HARD[6])
def test_rule_37_nothing_widens_without_a_grant_sqlite(sqlite_bare: Stage, played: list[tuple[Any, ...]]):
    play(sqlite_bare, played)


@pytest.mark.timeout(240)
@settings(max_examples=12, **SETTINGS)
@given(st.lists(steps, min_size=3, max_size=7))
@example(HARD[0])
@example(HARD[1])
def test_rule_37_nothing_widens_without_a_grant_postgresql(postgres_bare: Stage, played: list[tuple[Any, ...]]):
    play(postgres_bare, played)


@pytest.fixture
def sqlite_bare(project: Any, sqlite_url: str, shipped_catalogue: Any) -> Any:
    yield from _bare(project, sqlite_url, shipped_catalogue)


@pytest.fixture
def postgres_bare(project: Any, postgres_url: str, shipped_catalogue: Any) -> Any:
    yield from _bare(project, postgres_url, shipped_catalogue)


def _bare(project: Any, url: str, shipped: Any) -> Any:
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.write(f"OUTREACH_DATABASE_URL={url}\n")
    stage = Stage(project, url, shipped)
    yield stage
    stage.close()
