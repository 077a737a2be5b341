"""Who says twice that they want to be left alone: is it heard both times, and confirmed once?"""

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.flows import replying
from outreach.store.contacts import suppression_events
from outreach.store.engine import writing
from tests import builders
from tests.flows.stage import Stage
from tests.flows.writing_back import BEN, Pen, rows, talks


@pytest.fixture
def pen(bare: Stage) -> Pen:
    """Ben's phone."""
    with writing(bare.app.engine) as c:
        builders.customer(c, "C-1", None, BEN, consent=("text",), first_name="Ben")
    return Pen(bare.app)


def test_rule_12_who_asks_twice_before_we_answer_is_answered_once(bare: Stage, pen: Pen):
    pen.text("please take me off your list", by=BEN)
    pen.text("I said take me off your list!", by=BEN)
    pen.text("STOP", by=BEN)
    bare.hand_over()
    assert [(m.campaign, m.state) for m in bare.messages()] == [("stopped", "accepted")]


@pytest.mark.parametrize("again", ["STOP", "please take me off your list"])
def test_rule_7_nobody_is_answered_who_asked_again_after_their_question(bare: Stage, pen: Pen, again: str):
    """What they ask again stands already, and the ledger has no second line of it."""
    pen.text("STOP", by=BEN)
    pen.text("Can I have an invoice?", by=BEN)
    (talk,) = talks(bare.app)
    pen.text(again, by=BEN)
    assert len(rows(bare.app, sa.select(suppression_events))) == 1
    with pytest.raises(Misuse) as refused:
        replying.answer(bare.app, replying.name_of(talk.id), "Here it is.")
    assert refused.value.code == "OUT-526"


def test_who_asks_us_something_after_their_wish_is_answered(bare: Stage, pen: Pen):
    pen.text("STOP", by=BEN)
    pen.text("STOP", by=BEN)
    pen.text("Can I have an invoice?", by=BEN)
    assert replying.answer(bare.app, replying.name_of(talks(bare.app)[0].id), "Here it is.")
    bare.hand_over()
    assert ("answer_by_hand", "accepted") in {(m.campaign, m.state) for m in bare.messages()}
