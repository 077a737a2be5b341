"""Is a place's own window kept, by country and by state, from the file of the shop to the moment a message leaves?"""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.shop import Hours, Limits
from outreach.flows.app import App
from outreach.store.engine import now, reading
from outreach.store.shop import customers
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import NIGHT, Stage

DAY = Hours(time(9), time(20))
FRANCE, FLORIDA, HERE = Hours(time(10), time(20)), Hours(time(8), time(18)), Hours(time(9), time(21))


@pytest.mark.parametrize(
    ("country", "state", "hours"),
    [
        ("GB", None, DAY),
        ("FR", None, FRANCE),
        ("FR", "IDF", FRANCE),
        ("US", "FL", FLORIDA),
        ("US", " us-fl ", FLORIDA),
        ("US", "NY", HERE),
        ("US", None, Hours(time(9), time(18))),
        ("US", "somewhere warm", Hours(time(9), time(18))),
        ("", None, DAY),
    ],
)
def test_rule_16_windows_by_country_and_state(country: str, state: str | None, hours: Hours):
    """Where the state is not known, only while all the windows of its country are open."""
    limits = Limits(hours=DAY, hours_in={"FR": FRANCE, "US": HERE, "US-FL": FLORIDA})
    assert limits.hours_at(country, state) == hours


def test_windows_that_have_no_hour_in_common():
    morning, evening = Hours(time(8), time(12)), Hours(time(13), time(20))
    assert Limits(hours=DAY, hours_in={"US-FL": morning, "US-NY": evening}).hours_at("US", None) == DAY


def configured(bare: Stage, windows: str) -> App:
    """The shop as its file says, with these windows."""
    file = bare.project / "config" / "outreach.yaml"
    text = file.read_text(encoding="utf-8")
    assert "hours_in: {}" in text
    file.write_text(text.replace("hours_in: {}", f"hours_in: {windows}"), encoding="utf-8")
    bare.close()
    return bare.app


def test_rule_16_the_file_of_the_shop_says_them(bare: Stage):
    app = configured(bare, '{FR: "10:00-20:00", US-FL: "08:00-18:00"}')
    assert app.house.limits.hours_in == {"FR": FRANCE, "US-FL": FLORIDA}


def test_rule_16_a_state_shut_at_this_hour_waits_and_its_neighbour_does_not(bare: Stage):
    """It is noon where both are; one state opens at three, and nobody who lives nowhere we know is in doubt."""
    vendor = Vendor()
    app = o.going(configured(bare, '{US-FL: "15:00-20:00"}'), vendor)
    florida, texas, unknown = ids = o.queue(app.engine, 3, kind="service")
    o.live_where_it_is(app.engine, ids, hour=12)
    for number, state in ((florida, "FL"), (texas, "TX"), (unknown, None)):
        where = sa.update(customers).where(customers.c.id == number)
        bare.change(where.values(country="US", state=state))
    o.send(app)
    assert vendor.names == [f"m-{texas}"]
    with reading(app.engine) as c:
        at = now(c)
    for number in (florida, unknown):
        ahead = o.message(app.engine, number).not_before - at
        assert timedelta(hours=1) < ahead <= timedelta(hours=3), "it is between twelve and one; they open at three"


@pytest.mark.parametrize(("state", "opens"), [("FL", 15), ("TX", 9), (None, 15)])
def test_rule_16_a_night_plans_for_the_states_window(stage: Stage, state: str | None, opens: int):
    app = configured(stage, '{US-FL: "15:00-20:00"}')
    stage.change(sa.update(customers).values(country="US", state=state, zone="America/New_York"))
    assert stage.app is app
    stage.night()
    found = {m.not_before for m in stage.messages() if m.kind == "service"}
    eastern = datetime.combine(NIGHT, time(opens), UTC) + timedelta(hours=5)
    assert found == {eastern}


def test_a_place_that_is_none_is_refused(bare: Stage):
    with pytest.raises(Exception, match="hours_in"):
        configured(bare, '{usa: "10:00-20:00"}')
