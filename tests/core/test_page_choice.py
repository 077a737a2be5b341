"""Does what somebody chooses on their page come true, and nothing wider than they chose?"""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from outreach.core.page_choice import Changes, Choice, Standing, What, changes, standing
from outreach.core.person import Wish
from outreach.core.terms import Channel, LegalClass, Scope
from outreach.core.wish_ledger import Entry, without

TODAY, LATER = date(2026, 11, 14), date(2027, 2, 12)
AT = datetime(2026, 11, 14, 12, tzinfo=UTC)
MAIL, PHONE = (Channel.EMAIL, "m"), (Channel.TEXT, "p")
YES = frozenset((address, level) for address in "mp" for level in LegalClass)
BOTH = frozenset(Channel)


def wish(scope: Scope, until: date | None = None, address: str = "m") -> Wish:
    return Wish(address, Channel.EMAIL, scope, "asked", AT, until)


def stands(*wishes: Wish, grants: frozenset[tuple[str, LegalClass]] = YES) -> Standing:
    return standing(wishes, grants, [MAIL, PHONE], today=TODAY)


def test_what_stands_is_the_narrowest_of_what_was_asked():
    assert stands().what is What.ALL
    assert stands(wish(Scope.OFFERS)).what is What.ORDERS
    assert stands(grants=frozenset()).what is What.ORDERS  # nobody said yes to offers
    assert stands(wish(Scope.EVERYTHING, LATER)).until == LATER
    assert stands(wish(Scope.EVERYTHING), wish(Scope.EVERYTHING, LATER)).what is What.NOTHING
    assert stands(wish(Scope.EMAIL), wish(Scope.TEXT)).what is What.NOTHING
    assert stands(wish(Scope.ADDRESS)).what is What.ALL  # a bounce is no wish
    assert stands(wish(Scope.EVERYTHING, TODAY)).what is What.ALL  # a pause ends on its day
    assert stands(wish(Scope.TEXT)).on == {Channel.EMAIL}
    assert stands(grants=frozenset({("m", LegalClass.MARKETING)})).on == {Channel.EMAIL}  # texts need a yes


def test_who_unticks_every_channel_asks_for_nothing():
    assert changes(stands(), Choice(What.ALL, frozenset(), LATER)).close == ((Scope.EVERYTHING, None),)


def test_as_now_writes_no_yes():
    now = stands()
    assert changes(now, Choice(What.ALL, BOTH, LATER)) == changes(now, Choice(now.what, now.on, LATER))
    assert changes(now, Choice(What.ALL, BOTH, LATER)).yes == ()
    no_texts = stands(wish(Scope.EMAIL), grants=frozenset())  # nothing is on, and no box is ticked
    assert changes(no_texts, Choice(no_texts.what, no_texts.on, LATER)) == Changes()
    phone_alone = standing([], [], [PHONE], today=TODAY)  # and there is no box
    assert changes(phone_alone, Choice(phone_alone.what, frozenset(), LATER)).yes == ()
    assert changes(phone_alone, Choice(What.ALL, frozenset(), LATER)).yes != ()


def test_who_comes_back_by_one_channel_has_not_asked_for_the_other():
    silent = stands(wish(Scope.EVERYTHING), grants=frozenset({("m", LegalClass.SERVICE)}))  # texts were never on
    done = changes(silent, Choice(What.ORDERS, frozenset({Channel.EMAIL}), LATER))
    assert (Scope.TEXT, None) in done.close
    assert done.yes == ((Channel.EMAIL, LegalClass.SERVICE),)


@given(
    st.lists(st.builds(wish, st.sampled_from(list(Scope)), st.sampled_from([None, LATER])), max_size=4),
    st.frozensets(st.sampled_from(list(Channel))),
    st.sampled_from([frozenset(), YES, frozenset({("m", LegalClass.SERVICE)})]),
    st.booleans(),
)
def test_rule_36_a_pause_and_what_stands_already_open_nothing(
    wishes: list[Wish], ticked: frozenset[Channel], grants: frozenset[tuple[str, LegalClass]], one: bool
):
    now = standing(wishes, grants, [PHONE] if one else [MAIL, PHONE], today=TODAY)
    for choice in (Choice(What.PAUSE, ticked, LATER), Choice(now.what, now.on, LATER)):
        done = changes(now, choice)
        assert not done.lift
        assert not done.yes


@given(
    st.lists(st.builds(wish, st.sampled_from(list(Scope)), st.none()), max_size=4),
    st.sampled_from(list(What)),
    st.frozensets(st.sampled_from(list(Channel))),
)
def test_rule_36_a_channel_is_opened_only_by_its_own_box(wishes: list[Wish], what: What, ticked: frozenset[Channel]):
    now = stands(*wishes)
    for channel in Channel:
        if Scope(channel.value) in changes(now, Choice(what, ticked, LATER)).lift:
            assert channel in ticked - now.on


@given(
    st.lists(st.builds(wish, st.sampled_from(list(Scope)), st.sampled_from([None, LATER])), max_size=4),
    st.sampled_from(list(What)),
    st.frozensets(st.sampled_from(list(Channel))),
    st.booleans(),
)
def test_rule_36_nothing_is_lifted_without_a_yes(
    wishes: list[Wish], what: What, channels: frozenset[Channel], granted: bool
):
    now = stands(*wishes, grants=YES if granted else frozenset())
    done = changes(now, Choice(what, channels, LATER))
    if done.lift:
        assert done.yes, "what is lifted rests on a recorded yes"
    assert Scope.ADDRESS not in done.lift
    assert {channel for channel, _ in done.yes} <= channels
    if what is not What.ALL:
        assert LegalClass.MARKETING not in {level for _, level in done.yes}
        assert Scope.OFFERS not in done.lift
    if what is What.NOTHING:
        assert not done.lift
        assert not done.yes


def entry(reason: str, until: date | None = None, *, add: bool = True, door: str = "page", minute: int = 0) -> Entry:
    return Entry(add, reason, door, None, AT.replace(minute=minute), until)


def test_an_undo_gives_back_what_stood_and_no_more():
    pause, stop = entry("pause", LATER, door="staff"), entry("stop", minute=1)
    assert without([stop], [stop.at], door="page") is None
    assert without([pause, stop], [stop.at], door="page") == pause
    lifted, again = entry("back", add=False, minute=2), entry("again", door="stop", minute=3)
    assert without([pause, stop, lifted], [stop.at], door="page") is None
    assert without([stop, lifted, again], [stop.at], door="page") == again
    assert without([stop], [stop.at], door="header") == stop  # by another door it is another wish
