"""Can a token be changed by one letter, used for something else, or outlive its key?"""

import pytest

from outreach.core.errors import Misuse
from outreach.render.links import Links, Purpose, base62, reference

OLD, NEW = b"o" * 32, b"n" * 32
BASE = "https://hello.alder.example"


def make(*keys: bytes) -> Links:
    return Links(keys, BASE, mailbox="mara@alder.example")


def token(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def test_a_token_names_its_recipient_for_one_purpose() -> None:
    """Rule 2."""
    links = make(NEW)
    for number in (0, 1, 61, 62, 123_456_789):
        assert links.read(token(links.stop(number)), Purpose.CHOOSE) == number
        assert links.read(token(links.one_click(number)), Purpose.ONE_CLICK) == number
        assert links.read(token(links.stop(number)), Purpose.ONE_CLICK) is None
    assert links.choose(5) == links.stop(5)


@pytest.mark.parametrize("keys", [(NEW,), (OLD, NEW)])
def test_one_changed_letter_is_refused(keys: tuple[bytes, ...]) -> None:
    """Rule 2."""
    links = make(*keys)
    good = token(links.stop(4711))
    for at in range(len(good)):
        for letter in "A0z_.":
            changed = good[:at] + letter + good[at + 1 :]
            assert changed == good or links.read(changed, Purpose.CHOOSE) is None
    for other in ("", ".", good + "A", good[:-1], good + "=", "0" + good, "é" + good, good.replace(".", "..")):
        assert links.read(other, Purpose.CHOOSE) is None


def test_every_last_letter_but_one_is_refused() -> None:
    """Rule 2."""
    for keys in ((NEW,), (OLD, NEW), (NEW, OLD)):
        links = make(*keys)
        good = token(make(NEW).stop(4711))
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        assert [c for c in letters if links.read(good[:-1] + c, Purpose.CHOOSE) is not None] == [good[-1]]


def test_keys_are_replaced_and_the_old_are_believed() -> None:
    before, after = make(OLD), make(OLD, NEW)
    assert after.read(token(before.stop(9)), Purpose.CHOOSE) == 9
    assert before.read(token(after.stop(9)), Purpose.CHOOSE) is None
    assert make(NEW).read(token(after.stop(9)), Purpose.CHOOSE) == 9


def test_an_answer_says_who_and_about_what() -> None:
    links = make(NEW)
    url = links.answer(77, "delivery_check", "order:88121", "late")
    assert url.endswith("?a=late")
    assert links.read_answer(token(url)) == (77, reference("delivery_check", "order:88121"))
    assert links.read(token(url), Purpose.ANSWER) == 77
    assert links.read_answer(token(links.stop(77))) is None


def test_links_fit_a_mail_header() -> None:
    """Rule 1: the URI is short."""
    assert len(make(NEW).one_click(62**7 - 1)) <= 75
    assert len(make(NEW).stop_mail(1)) <= 75
    assert Links((NEW,), BASE, mailbox="x" * 60 + "@alder.example").stop_mail(1).endswith("?subject=stop")
    with pytest.raises(Misuse, match="base_url") as caught:
        Links((NEW,), "https://" + "a" * 40 + ".example", mailbox="x@y.example")
    assert caught.value.code == "OUT-606"


def test_base62() -> None:
    assert [base62(n) for n in (0, 9, 10, 35, 36, 61, 62)] == ["0", "9", "A", "Z", "a", "z", "10"]
