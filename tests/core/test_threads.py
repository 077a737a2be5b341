"""Does an answer stand in its thread, and does a stranger's subject stay out of our mouth?"""

import pytest

from outreach.core.threads import LONGEST_REFERENCES, LONGEST_SUBJECT, answering_subject, thread_headers

IDS = [f"<{n}@mail.example>" for n in range(20)]


def test_the_last_is_answered_and_all_are_named() -> None:
    assert thread_headers(IDS[:2]) == (("In-Reply-To", IDS[1]), ("References", f"{IDS[0]} {IDS[1]}"))
    assert thread_headers([]) == ()


def test_a_long_thread_keeps_its_first_and_its_newest() -> None:
    long = [f"<{'x' * 90}{n}@y>" for n in range(20)]
    named = dict(thread_headers(long))["References"]
    assert LONGEST_REFERENCES - 100 < len(named) <= LONGEST_REFERENCES
    assert named.split() == [long[0], *long[-8:]]


@pytest.mark.parametrize(
    "bad",
    ["", "plain", "<a b@c>", "<a@b>\r\nBcc: eve@example.com", "<a@b", "<é@b>", f"<{'a' * 260}@b>", "<a@b><c@d>", "<>"],
)
def test_what_is_no_message_id_is_left_out(bad: str) -> None:
    assert thread_headers([bad]) == ()
    assert thread_headers([IDS[0], bad]) == (("In-Reply-To", IDS[0]), ("References", IDS[0]))


@pytest.mark.parametrize(
    ("subject", "again"),
    [
        ("Order 88121: did it arrive?", "Re: Order 88121: did it arrive?"),
        ("Re: Re: The lid", "Re: The lid"),
        ("AW: WG: Der Deckel", "Re: Der Deckel"),
        ("RES: A tampa", "Re: A tampa"),
        ("Re[2]: The lid", "Re: The lid"),
        ("Reach me: now", "Re: Reach me: now"),
        ("The\r\nBcc: eve lid", "Re: The Bcc: eve lid"),
        ("\u202eThe lid", "Re: The lid"),
        ("", None),
        ("Re: ", None),
        ("=?utf-8?q?lid=0ABcc:_eve?=", None),
        (None, None),
    ],
)
def test_the_subject_of_the_thread(subject: str | None, again: str | None) -> None:
    assert answering_subject(subject, automatic=True) == again
    assert answering_subject(subject, automatic=False) == again


@pytest.mark.parametrize(
    "lure",
    [
        "Cheap pills https://pills.example",
        "www.pills.example",
        "write to eve@example.com",
        "call 0170 1234567",
        "pills.shop",
    ],
)
def test_a_machine_repeats_no_advertisement(lure: str) -> None:
    """Anybody can write in another's name; our answer goes to that other (RFC 3834, 4)."""
    assert answering_subject(lure, automatic=True) is None
    assert answering_subject(lure, automatic=False) == f"Re: {lure}"


def test_a_subject_without_end() -> None:
    assert answering_subject("word " * 90, automatic=True) is None
    assert len(answering_subject("word " * 90, automatic=False) or "") <= LONGEST_SUBJECT + 4
