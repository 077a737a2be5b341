"""Does an address with a token in it come back as what it was, through every system that carries mail?"""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.errors import Misuse
from outreach.render.examples import ExampleLinks
from outreach.render.folded import LONGEST_NAME, _spelled
from outreach.render.links import LONGEST_URL, Links, Purpose, reference

OLD, NEW = b"o" * 32, b"n" * 32
BASE = "https://hello.alder.example"
BOX = "hello@reply.alder.example"
ABOUT = reference("delivery_check", "order:88121")
IDS = (0, 1, 31, 32, 4711, 62**7 - 1)


def make(*keys: bytes, replies: str = BOX) -> Links:
    return Links(keys, BASE, mailbox="mara@alder.example", replies=replies)


def local(address: str | None) -> str:
    assert address is not None
    return address.removeprefix("mailto:").partition("@")[0]


def test_rule_18_a_reply_address_names_whom_and_about_what() -> None:
    links = make(NEW)
    for number in IDS:
        address = links.reply_address(number, ABOUT)
        assert address is not None
        assert address.startswith("hello+")
        assert address.endswith("@reply.alder.example")
        assert len(local(address)) <= 64, "RFC 5321, 4.5.3.1.1"
        assert local(address) == local(address).lower()
        assert links.read_reply(local(address)) == (number, ABOUT)


@given(st.binary(max_size=40))
def test_it_is_spelled_in_the_base32_of_rfc_4648(data: bytes) -> None:
    assert _spelled(data) == b32encode(data).decode().rstrip("=").lower()


def test_case_is_forgiven_and_nothing_else() -> None:
    links = make(NEW)
    for number in (0, 4711):
        good = local(links.reply_address(number, ABOUT))
        assert links.read_reply(good.upper()) == (number, ABOUT)
        assert links.read_reply(good.replace("hello", "Hello")) == (number, ABOUT)
        token = good.rpartition("+")[2]
        for at in range(len(token)):
            for letter in "az27-=.":
                changed = token[:at] + letter + token[at + 1 :]
                assert changed == token or links.read_reply(f"hello+{changed}") is None, changed
        for other in ("", "+", token[:-1], token + "a", "a" + token, token[1:], token.replace("k", "\u212a") + "é"):
            assert links.read_reply(f"hello+{other}") is None


def test_the_spare_bits_of_the_last_letter_are_not_free() -> None:
    links = make(NEW)
    token = local(links.reply_address(4711, ABOUT))
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    assert [c for c in alphabet if links.read_reply(token[:-1] + c)] == [token[-1]]
    assert [c for c in alphabet if links.read_reply(token[:-27] + c + token[-26:])] == [token[-27]]


@pytest.mark.parametrize("letter", ["\u212a", "\u0130"])
def test_a_letter_that_folds_to_ours_is_not_ours(letter: str) -> None:
    """The Kelvin sign's small letter is a plain k."""
    links = make(NEW)
    folds_to = letter.lower()[0]
    number = next(n for n in range(5000) if folds_to in local(links.reply_address(n, ABOUT)).rpartition("+")[2])
    good = local(links.reply_address(number, ABOUT))
    at = good.rindex(folds_to)
    assert links.read_reply(good[:at] + letter + good[at + 1 :]) is None


def test_a_token_serves_one_purpose() -> None:
    links = make(NEW)
    reply, stop = local(links.reply_address(9, ABOUT)), local(links.stop_mail(9))
    assert links.read_reply(stop) is None
    assert links.read_stop_mail(reply, None) is None
    assert links.read(reply.rpartition("+")[2], Purpose.REPLY) is None


def test_keys_are_replaced_and_the_old_are_believed() -> None:
    before, after = make(OLD), make(OLD, NEW)
    assert after.read_reply(local(before.reply_address(9, ABOUT))) == (9, ABOUT)
    assert after.read_stop_mail(local(before.stop_mail(9)), None) == 9
    assert before.read_reply(local(after.reply_address(9, ABOUT))) is None
    assert make(NEW).read_reply(local(after.reply_address(9, ABOUT))) == (9, ABOUT)


def test_rule_1_the_way_out_by_mail_comes_to_us_and_fits_a_header() -> None:
    for number in (1, 4711, 10**6):
        links = make(NEW)
        mailto = links.stop_mail(number)
        assert len(mailto) <= LONGEST_URL
        assert mailto.startswith("mailto:hello+stop-")
        assert links.read_stop_mail(local(mailto), None) == number
        assert links.read_stop_mail(local(mailto).upper(), "anything") == number
    long = make(NEW, replies="hello@" + "a" * 40 + ".example")
    assert long.stop_mail(1) == f"mailto:{long.replies}?subject=stop"


def test_a_subject_from_before_the_mailbox_was_ours_still_stops() -> None:
    """Messages that lie in mailboxes carry `subject=stop-TOKEN`."""
    before, after = make(NEW, replies=""), make(NEW)
    subject = before.stop_mail(4711).rpartition("subject=")[2]
    for written in (subject, f"Re: {subject}", f"  {subject.replace('stop', 'Stop')} "):
        assert after.read_stop_mail("hello", written) == 4711
    for written in (subject + "x", subject[:-1], "stop", "", None, f"non{subject}"):
        assert after.read_stop_mail("hello", written) is None


def test_without_a_mailbox_of_ours_nothing_is_promised() -> None:
    assert make(NEW, replies="").reply_address(1, ABOUT) is None


def test_a_mailbox_that_leaves_no_room_is_refused_at_the_start() -> None:
    make(NEW, replies="a" * LONGEST_NAME + "@reply.alder.example")
    with pytest.raises(Misuse, match="before the @") as caught:
        make(NEW, replies="a" * (LONGEST_NAME + 1) + "@reply.alder.example")
    assert caught.value.code == "OUT-606"


def test_a_test_message_names_nobody() -> None:
    """Its replies, and its way out, open no customer's thread and stop no customer's mail."""
    links = ExampleLinks.like(make(NEW), (NEW,))
    assert links.reply_address(4711, ABOUT) == BOX
    assert links.stop_mail(4711) == f"mailto:{BOX}?subject=example"
    assert make(NEW).read_stop_mail("hello", "example") is None
