"""What does --select understand, and what does it say when it does not?"""

import pytest

from outreach.core.errors import Misuse
from outreach.core.selection import Selection, Term, parse

NAMES = ("upgrade_offer", "we_were_late")


def test_comma_means_and_space_means_or() -> None:
    found = parse("campaign:upgrade_offer,country:BR  campaign:we_were_late", campaigns=NAMES)
    first = (Term("campaign", "upgrade_offer"), Term("country", "BR"))
    assert found == Selection((first, (Term("campaign", "we_were_late"),)))
    assert parse("customer:A:1", campaigns=NAMES) == Selection(((Term("customer", "A:1"),),))


def test_the_campaigns_it_can_touch() -> None:
    assert parse("campaign:upgrade_offer,country:BR", campaigns=NAMES).campaigns() == {"upgrade_offer"}
    assert parse("campaign:upgrade_offer campaign:we_were_late", campaigns=NAMES).campaigns() == set(NAMES)
    assert parse("campaign:upgrade_offer country:BR", campaigns=NAMES).campaigns() is None
    assert parse("language:pt", campaigns=NAMES).campaigns() is None


@pytest.mark.parametrize("text", ["", " ", ",", "country:BR ,"])
def test_an_empty_selection(text: str) -> None:
    with pytest.raises(Misuse, match="empty") as problem:
        parse(text, campaigns=NAMES)
    assert problem.value.code == "OUT-620"


@pytest.mark.parametrize("word", ["BR", "country", "country:", "spend:100", ":BR"])
def test_a_word_nothing_is_selected_by(word: str) -> None:
    with pytest.raises(Misuse, match=f'"{word}"') as problem:
        parse(f"campaign:upgrade_offer,{word}", campaigns=NAMES)
    assert problem.value.facts == ("use campaign:…, country:…, language:…, customer:…",)


def test_an_unknown_campaign_names_its_neighbour() -> None:
    with pytest.raises(Misuse, match='"upgrade_ofer"') as problem:
        parse("campaign:upgrade_ofer", campaigns=NAMES)
    assert problem.value.facts == ('did you mean "upgrade_offer"?',)
    with pytest.raises(Misuse) as problem:
        parse("campaign:zzz", campaigns=NAMES)
    assert problem.value.facts == ("there are upgrade_offer, we_were_late",)
