"""Does the number of calls at once follow what the provider shows? (decision 15)"""

from outreach.flows.window import Window


def test_each_message_taken_allows_three_more_up_to_the_connections() -> None:
    window = Window(20)
    seen = []
    for _ in range(8):
        seen.append(window.now)
        window.taken()
    assert seen == [1, 4, 7, 10, 13, 16, 19, 20]


def test_each_doubt_halves_them_and_one_is_always_left() -> None:
    window = Window(100, now=100)
    seen = []
    for _ in range(9):
        window.doubted()
        seen.append(window.now)
    assert seen == [50, 25, 12, 6, 3, 1, 1, 1, 1]
