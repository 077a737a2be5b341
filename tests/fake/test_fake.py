"""Does the fake provider behave as the makers' own descriptions say, and write down what it took before it answers?"""

import asyncio
import http.client
import json
import smtplib
import socket
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from openapi_core import protocols
from openapi_core.datatypes import RequestParameters
from openapi_core.testing import MockResponse

from tests.contracts.contract import HOMES, Asked, contract
from tests.fake.journal import Journal, Line, hashed, read
from tests.fake.moods import behaviour, mood
from tests.fake.running import Running, start
from tests.fake.sendgrid import SendGrid
from tests.fake.wire import Answer, Connection, Request

SID = "AC" + "0" * 32
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"
BASIC = {"Authorization": "Basic " + b64encode(f"{SID}:fake".encode()).decode()}
FORM = {**BASIC, "Content-Type": "application/x-www-form-urlencoded"}
BEARER = {"Authorization": "Bearer SG.fake", "Content-Type": "application/json"}


def mail(reference: str = "abc-1-1", **changes: Any) -> dict[str, Any]:
    """A request as SendGrid wants it and we send it."""
    return {
        "personalizations": [
            {"to": [{"email": "ana@example.com", "name": "Ana Reed"}], "custom_args": {"outreach": reference}}
        ],
        "from": {"email": "shop@example.com", "name": "Mia from Shop"},
        "subject": "How is it going?",
        "content": [{"type": "text/plain", "value": "Hello"}, {"type": "text/html", "value": "<p>Hello</p>"}],
        "headers": {"List-Unsubscribe": "<https://s.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
        **changes,
    }


def text(reference: str = "abc-2-1", **changes: str) -> dict[str, str]:
    """A form as Twilio wants it and we send it."""
    return {
        "To": "+447700900123",
        "From": "+447700900999",
        "Body": "Hello",
        "ValidityPeriod": "3600",
        "StatusCallback": f"https://shop.example/hooks/twilio?m={reference}",
        **changes,
    }


Said = tuple[int, dict[str, str], bytes]


def ask(fake: Running, method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> Said:
    connection = http.client.HTTPConnection("127.0.0.1", fake.http, timeout=5)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def post_mail(fake: Running, **changes: Any) -> Said:
    return ask(fake, "POST", "/v3/mail/send", BEARER, json.dumps(mail(**changes)).encode())


def post_text(fake: Running, **changes: str) -> Said:
    return ask(fake, "POST", MESSAGES, FORM, urlencode(text(**changes)).encode())


def holds(name: str, method: str, target: str, said: Said) -> None:
    """The answer is one the maker's description allows. Raises what openapi-core raises."""
    request = Asked(HOMES[name], target.partition("?")[0], method, None, "", RequestParameters())
    status, headers, body = said
    contract(name).validate_response(
        cast(protocols.Request, request), MockResponse(body, status, headers, headers.get("Content-Type", ""))
    )


def test_mail_is_taken_and_journalled(fake: Running) -> None:
    """Rule 38: as SendGrid's own description says."""
    status, headers, body = said = post_mail(fake)
    holds("sendgrid_mail_send", "post", "/v3/mail/send", said)
    (line,) = fake.lines()
    assert (status, body, headers["X-Message-Id"]) == (202, b"", line.id)
    assert (line.provider, line.reference, line.to, line.took) == (
        "sendgrid",
        "abc-1-1",
        hashed("Ana@example.com "),
        True,
    )


def test_a_text_is_taken_and_found_again(fake: Running) -> None:
    """Rule 38: what the fake answers is what Twilio may answer."""
    made = post_text(fake)
    holds("twilio_messages", "post", MESSAGES, made)
    sid = json.loads(made[2])["sid"]
    assert (made[0], fake.lines()[0].reference) == (201, "abc-2-1")
    target = f"{MESSAGES}?{urlencode({'To': '+447700900123', 'PageSize': '20'})}"
    listed = ask(fake, "GET", target, BASIC)
    holds("twilio_messages", "get", target, listed)
    assert [(m["sid"], m["body"]) for m in json.loads(listed[2])["messages"]] == [(sid, "Hello")]
    one = ask(fake, "GET", MESSAGES.replace(".json", f"/{sid}.json"), BASIC)
    holds("twilio_messages", "get", MESSAGES.replace(".json", f"/{sid}.json"), one)
    assert json.loads(one[2])["to"] == "+447700900123"


def test_the_list_filters_and_pages(fake: Running) -> None:
    for n, to in enumerate(["+447700900111", "+447700900111", "+447700900222"]):
        post_text(fake, To=to, StatusCallback=f"https://shop.example/t?m=abc-{n}-1")

    def found(**asked: str) -> list[str]:
        said = json.loads(ask(fake, "GET", f"{MESSAGES}?{urlencode(asked)}", BASIC)[2])
        pages = [m["to"] for m in said["messages"]]
        following = said["next_page_uri"]
        return pages + ([following] if following else [])

    assert found(To="+447700900111") == ["+447700900111"] * 2
    assert found(To="+447700900333") == []
    assert len(found(**{"DateSent>": "2020-01-01T00:00:00Z"})) == 3
    assert found(**{"DateSent<": "2020-01-01T00:00:00Z"}) == []
    first, following = found(To="+447700900111", PageSize="1")
    assert [m["to"] for m in json.loads(ask(fake, "GET", following, BASIC)[2])["messages"]] == [first]
    fake.mode(twilio={"list_lag": 60})
    assert found() == [], "its list runs behind"


def test_a_message_by_smtp(fake: Running) -> None:
    with smtplib.SMTP("127.0.0.1", fake.smtp, "localhost", timeout=5) as client:
        client.login("outreach", "fake")
        head = (
            "Message-ID: <abc-3-1@shop.example>\r\nList-Unsubscribe: <x>\r\nList-Unsubscribe-Post: y\r\nSubject: Hi\r\n"
        )
        client.sendmail("shop@example.com", ["ana@example.com"], f"{head}\r\nHello\r\n.dot\r\n")
        fake.mode(smtp={"next": ["429"]})
        with pytest.raises(smtplib.SMTPDataError, match=r"451.*too much"):
            client.sendmail("shop@example.com", ["ana@example.com"], f"{head}\r\nHello")
        with pytest.raises(smtplib.SMTPDataError, match="Message-ID carries no reference"):
            client.sendmail("shop@example.com", ["ana@example.com"], "Subject: Hi\r\n\r\nHello")
    lines = fake.lines()
    assert [(line.took, line.reference, line.behaviour) for line in lines] == [
        (True, "abc-3-1", "accept"), (False, "abc-3-1", "429"), (False, "", "invalid"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["accept_hang", "hang"])
def test_it_hangs(fake: Running, word: str) -> None:
    fake.mode(sendgrid={"next": [word]})
    connection = http.client.HTTPConnection("127.0.0.1", fake.http, timeout=0.3)
    connection.request("POST", "/v3/mail/send", json.dumps(mail()), BEARER)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert [line.took for line in fake.lines()] == [word == "accept_hang"]


@pytest.mark.parametrize("word", ["accept_reset", "reset"])
def test_it_resets(fake: Running, word: str) -> None:
    fake.mode(sendgrid={"next": [word]})
    with pytest.raises(ConnectionResetError):
        post_mail(fake)
    assert [line.took for line in fake.lines()] == [word == "accept_reset"]


def test_half_an_answer(fake: Running) -> None:
    fake.mode(twilio={"next": ["accept_half"]}, sendgrid={"next": ["accept_half"]})
    with pytest.raises(http.client.IncompleteRead):
        post_text(fake)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        post_mail(fake)
    assert [line.took for line in fake.lines()] == [True, True]


def test_a_byte_a_second(fake: Running) -> None:
    fake.mode(sendgrid={"next": ["accept_trickle"]})
    body = json.dumps(mail()).encode()
    with socket.create_connection(("127.0.0.1", fake.http), timeout=5) as raw:
        lines = ["POST /v3/mail/send HTTP/1.1", *map(": ".join, BEARER.items()), f"Content-Length: {len(body)}", "\r\n"]
        raw.sendall("\r\n".join(lines).encode() + body)
        assert [raw.recv(100), raw.recv(100)] == [b"H", b"T"]


@pytest.mark.parametrize("status", [400, 401, 403, 413, 500])
def test_mail_refusals_hold_to_the_contract(fake: Running, status: int) -> None:
    """Rule 38: what the fake answers is what SendGrid may answer."""
    fake.mode(sendgrid={"next": [str(status)]})
    said = post_mail(fake)
    assert (said[0], fake.lines()[0].took) == (status, False)
    holds("sendgrid_mail_send", "post", "/v3/mail/send", said)


def test_it_says_when_to_come_back(fake: Running) -> None:
    fake.mode(sendgrid={"next": ["429", "503"], "retry_after": 30}, twilio={"next": ["429"], "retry_after": 2})
    assert [post_mail(fake)[1]["Retry-After"] for _ in range(2)] == ["30", "30"]
    said = post_text(fake)
    assert (said[0], said[1]["Retry-After"], json.loads(said[2])["code"]) == (429, "2", 20429)
    fake.mode(sendgrid={"next": ["429"], "retry_after": 30, "reset_instant": True})
    at = float(post_mail(fake)[1]["X-RateLimit-Reset"])
    assert 20 < at - time.time() < 40
    assert [line.wait for line in fake.lines()] == [30, 30, 2, 30]


def test_a_vendors_own_code(fake: Running) -> None:
    fake.mode(twilio={"next": ["400:21610"]})
    status, _, body = post_text(fake)
    assert (status, json.loads(body)["code"]) == (400, 21610)


def test_keys(fake: Running) -> None:
    assert ask(fake, "GET", "/v3/scopes", {})[0] == 401
    assert "mail.send" in json.loads(ask(fake, "GET", "/v3/scopes", BEARER)[2])["scopes"]
    account = MESSAGES.replace("/Messages.json", ".json")
    assert ask(fake, "GET", account, {})[0] == 401
    assert json.loads(ask(fake, "GET", account, BASIC)[2])["status"] == "active"
    fake.mode(sendgrid={"chances": {"401": 1.0}}, twilio={"chances": {"401": 1.0}})
    assert [ask(fake, "GET", "/v3/scopes", BEARER)[0], ask(fake, "GET", account, BASIC)[0]] == [401, 401]
    assert fake.lines() == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"from": {"name": "no address"}}, "InvalidRequestBody"),
        ({"personalizations": [{"to": [{"email": "a@example.com"}]}]}, "reference"),
        ({"headers": {}}, "unsubscribe"),
        ({"tracking_settings": {}}, "tracking"),
        ({"from": {"email": "a@example.com", "name": "Mia; Shop"}}, "display name"),
        ({"subject": "Hi\r\nBcc: x@example.com"}, "control character"),
        ({"personalizations": [{"to": [{"email": "a@example.com"}, {"email": "b@example.com"}]}]}, "one recipient"),
    ],
)
def test_a_wrong_mail_is_refused_and_said(fake: Running, changes: dict[str, Any], wrong: str) -> None:
    status, _, body = post_mail(fake, **changes)
    assert (status, fake.lines()[0].took) == (400, False)
    assert wrong in json.loads(body)["errors"][0]["message"]
    assert wrong in fake.summary()["wrong"][0]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({"StatusCallback": ""}, "StatusCallback"), ({"To": "07700"}, "E.164"), ({"Body": "x" * 1601}, "1600"),
     ({"ValidityPeriod": "0"}, "ValidityPeriod"), ({"SendAsMms": "x"}, "boolean")],
)  # fmt: skip
def test_a_wrong_text_is_refused_and_said(fake: Running, changes: dict[str, str], wrong: str) -> None:
    status, _, body = post_text(fake, **changes)
    assert (status, fake.lines()[0].took) == (400, False)
    assert wrong in json.loads(body)["message"]


def test_the_sandbox_takes_nothing(fake: Running) -> None:
    assert post_mail(fake, mail_settings={"sandbox_mode": {"enable": True}})[0] == 200
    assert fake.lines() == []


def test_duplicates_are_written_not_mended(fake: Running) -> None:
    for _ in range(2):
        post_mail(fake)
    assert fake.summary()["twice"] == {"abc-1-1": 2}
    assert fake.summary()["asked"] == {"sendgrid": {"accept": 2}}


def test_one_seed_tells_one_story(fake: Running) -> None:
    def story(seed: int, order: list[int]) -> dict[str, str]:
        fake.forget()
        fake.mode(sendgrid={"seed": seed, "chances": {"429": 0.3, "accept_500": 0.3}})
        with ThreadPoolExecutor(4) as many:
            list(many.map(lambda n: post_mail(fake, reference=f"abc-{n}-1"), order))
        return {line.reference: line.behaviour for line in fake.lines()}

    once = story(1, list(range(60)))
    assert once == story(1, list(reversed(range(60))))
    assert once != story(2, list(range(60)))
    assert set(once.values()) == {"accept", "429", "accept_500"}


def test_nonsense_moods_are_refused(fake: Running) -> None:
    for wrong in ({"chances": {"sneeze": 1}}, {"chances": {"401": 0.8, "503": 0.8}}, {"colour": 1}, {"next": ["x"]}):
        with pytest.raises(ValueError, match=r"ValueError|TypeError"):
            fake.mode(sendgrid=wrong)


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    first = start(tmp_path / "journal", "--fast")
    post_text(first)
    first.process.kill()
    first.process.wait()
    with (tmp_path / "journal").open("a") as file:
        file.write('{"provider": "cut')
    second = start(tmp_path / "journal", "--fast")
    assert len(json.loads(ask(second, "GET", MESSAGES, BASIC)[2])["messages"]) == 1
    first.stop()
    second.stop()


def test_a_glance_sees_what_reading_sees(tmp_path: Path) -> None:
    """Benches do not read whole messages; the journal is the same."""
    bodies = [json.dumps(mail()), json.dumps(mail(), separators=(",", ":")), json.dumps(mail(), indent=1)]
    moved = mail()
    moved["custom_args"] = moved["personalizations"][0].pop("custom_args")
    bodies.append(json.dumps(moved))
    lines: list[tuple[str, ...]] = []
    for contract_or_none in (None, lambda _: None):
        journal = Journal(tmp_path / f"journal{len(lines)}")
        vendor = SendGrid("sendgrid", journal, contract_or_none)
        for body in bodies:
            vendor.answer(Request("POST", "/v3/mail/send", b"x\r\nAuthorization: Bearer x", body.encode()))
        journal.close()
        lines.append(tuple(f"{line.reference} {line.to} {line.sum}" for line in read(journal.path)))
    assert lines[0] == lines[1]
    assert len(set(lines[0])) == len(bodies)


def test_requests_in_pieces_and_chunks() -> None:
    """However the bytes come, the request is the same."""
    seen: list[Request] = []

    class Sink(asyncio.Transport):
        def write(self, data: Any) -> None: ...

    def answer(request: Request) -> Any:
        seen.append(request)
        return Answer(200)

    from_length = b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
    from_chunks = b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=1\r\nllo\r\n0\r\n\r\n"
    bare = b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n"

    for size in (1, 7, 1000):
        connection = Connection(answer)
        connection.connection_made(Sink())
        whole = from_length + from_chunks + bare
        for at in range(0, len(whole), size):
            connection.data_received(whole[at : at + size])
    assert [(r.target, r.body) for r in seen] == [("/a", b"hello"), ("/b", b"hello"), ("/c", b"")] * 3


def test_words() -> None:
    assert behaviour("accept_500").took
    assert behaviour("400:21610").code == 21610
    assert mood({"chances": {"429": 0.25}}).bounds == [(0.25, behaviour("429"))]
    assert Line("p", "r", "t", 0, True, "accept", 0.0, 0.0).wait is None
