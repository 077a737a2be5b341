"""Does a stored message come back as it was, or say that it does not?"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from outreach.render.content import Content, Kept, skeleton_of
from outreach.render.problems import RenderProblem

SKELETON = skeleton_of("About your order", "<p>Hello , your order arrived.</p>" * 40, "Hello , your order arrived.")
EMAIL = Content("About “it”", "<p>Olá Ana 🎁</p>\n" * 90, "Olá Ana\n", (("From", "Mara"), ("Auto-Submitted", "x")))
TEXT = Content(None, None, "Alder: \u2068ليلى\u2069, reply STOP to stop", (), 2)


@pytest.mark.parametrize("content", [EMAIL, TEXT, Content("", "", "")], ids=["email", "text", "empty"])
@pytest.mark.parametrize("skeleton", [SKELETON, b""], ids=["skeleton", "none"])
def test_it_comes_back_as_it_was(content: Content, skeleton: bytes):
    kept = Kept.unpack(content.pack(skeleton), skeleton)
    assert kept.content == content
    assert (str(kept.text), None if kept.html is None else str(kept.html)) == (content.text, content.html)


@pytest.mark.parametrize("content", [EMAIL, TEXT], ids=["email", "text"])
def test_one_damaged_bit_is_told(content: Content):
    """Whatever bit: words that were never written do not leave. Some bits of a frame's head mean nothing."""
    whole, unharmed = content.pack(SKELETON), 0
    for at in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[at // 8] ^= 1 << at % 8
        with suppress(RenderProblem):
            assert Kept.unpack(bytes(damaged), SKELETON).content == content
            unharmed += 1
    assert unharmed <= 2


@pytest.mark.parametrize("data", [b"", b"\x00", b"plain words", EMAIL.pack(SKELETON)[:-1], EMAIL.pack(b"")[:9]])
def test_what_is_no_stored_message_is_told(data: bytes):
    with pytest.raises(RenderProblem, match="cannot be read"):
        Kept.unpack(data, SKELETON)


def test_threads_do_not_meet_in_one_packer():
    contents = [Content(str(n), f"<p>{n}</p>" * (n % 50 + 1), str(n)) for n in range(2_000)]

    def there_and_back(content: Content) -> Content:
        return Kept.unpack(content.pack(SKELETON), SKELETON).content

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(there_and_back, contents)) == contents
