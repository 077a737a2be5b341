"""Are Twilio's posts believed, read and translated? Against its own library's vectors and its own list of codes."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.inbound import Because, Event, Told, Written
from outreach.core.lifecycle import Fault
from outreach.core.posts import Door, Forged, Post
from outreach.providers.listening import Ears, doors
from outreach.providers.signatures import Form, signed_by
from outreach.providers.twilio import callback_at
from outreach.providers.twilio_codes import FAULTS
from outreach.providers.twilio_events import SILENCE, TOLD, form_of
from tests.fake import posting

PAYLOADS = Path(__file__).parents[1] / "payloads" / "hooks"
VECTORS = json.loads((PAYLOADS / "twilio_request_signature.json").read_text(encoding="utf-8"))["cases"]
CODES = json.loads((PAYLOADS / "twilio_error_codes.json").read_text(encoding="utf-8"))["codes"]
NOW = datetime(2026, 11, 14, tzinfo=UTC)
KEYS = {"TWILIO_ACCOUNT_SID": posting.ACCOUNT, "TWILIO_AUTH_TOKEN": posting.TOKEN}
REFERENCE = "aaaaaaaaaaaa-7-1"
SID = "SM" + "1" * 32


def door(name: str, pages: str = posting.PAGES) -> Door:
    return next(one for one in doors(Ears(KEYS, pages)).opened if one.name == name)


def post(fields: dict[str, str], path: str, query: str = "", *, pages: str = posting.PAGES, **headers: str) -> Post:
    body, said = posting.form(fields, path + (f"?{query}" if query else ""), pages=pages)
    return Post({**{name.lower(): value for name, value in said.items()}, **headers}, body, NOW, query)


def told(word: str, **more: str) -> Event:
    found = door("Twilio status").read(post(posting.status(word, SID, "+447400000001", **more), "/twilio/status"))[0]
    assert isinstance(found, Event)
    return found


def written(body: str, **more: str) -> Written:
    found = door("Twilio inbound").read(post(posting.text(body, SID, "+447400000001", **more), "/twilio/inbound"))[0]
    assert isinstance(found, Written)
    return found


def said_in(vector: dict[str, Any]) -> Form | str:
    return (
        vector["body"] if "body" in vector else form_of(urlencode([tuple(pair) for pair in vector["params"]]).encode())
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_rule_24_the_makers_own_vectors(vector: dict[str, Any]):
    """Duplicate fields, ports added and removed, the hash of a JSON body; one changed letter anywhere is forged."""
    token, url, said = vector["auth_token"], vector["url"], said_in(vector)
    headers = {"x-twilio-signature": vector["signature"]}
    assert signed_by(token, url, said, headers)
    changed = said + " " if isinstance(said, str) else Form({**said, "More": [""]})
    swapped = {"x-twilio-signature": vector["signature"].swapcase()}
    assert not signed_by(token + "6", url, said, headers)
    assert not signed_by(token, url.replace("foo=1", "foo=2"), said, headers)
    assert not signed_by(token, url, changed, headers)
    assert not signed_by(token, url, said, swapped)
    assert not signed_by(token, url, said, {})


@given(st.text(), st.text(), st.binary())
def test_rule_24_garbage_is_forged_and_never_worse(signature: str, url: str, body: bytes):
    assert not signed_by("t", url, body.decode("latin-1"), {"x-twilio-signature": signature})
    with pytest.raises(Forged):
        door("Twilio inbound").read(Post({"x-twilio-signature": signature}, body, NOW))


def test_rule_24_blank_fields_are_signed_and_kept():
    assert "" in posting.text("Hi", SID, "+447400000001").values()
    assert written("Hi").words == "Hi"
    assert form_of(b"a=&b=1&a=2") == {"a": ["", "2"], "b": ["1"]}


def test_rule_24_the_address_is_our_own_whatever_host_says():
    """Behind a proxy Host is another; and who writes Host himself may have any address signed."""
    right = post(posting.text("Hi", SID, "+447400000001"), "/twilio/inbound", host="127.0.0.1:8076")
    assert door("Twilio inbound").read(right)
    elsewhere = post(posting.text("Hi", SID, "+447400000001"), "/twilio/inbound", pages="https://evil.example")
    with pytest.raises(Forged):
        door("Twilio inbound").read(Post({**elsewhere.headers, "host": "evil.example"}, elsewhere.body, NOW))
    assert door("Twilio inbound", "https://evil.example").read(elsewhere)


def test_rule_24_a_missing_header_or_another_account_is_forged():
    mine = post(posting.text("Hi", SID, "+447400000001"), "/twilio/inbound")
    with pytest.raises(Forged):
        door("Twilio inbound").read(Post({}, mine.body, NOW))
    theirs = post(posting.text("Hi", SID, "+447400000001", AccountSid="AC" + "9" * 32), "/twilio/inbound")
    with pytest.raises(Forged):
        door("Twilio inbound").read(theirs)


def test_the_query_names_the_message_and_is_signed():
    query = f"r={quote(REFERENCE)}"
    fields = posting.status("delivered", SID, "+447400000001")
    right = post(fields, "/twilio/status", query)
    (read,) = door("Twilio status").read(right)
    assert isinstance(read, Event)
    assert read.reference == REFERENCE
    with pytest.raises(Forged):
        door("Twilio status").read(Post(right.headers, right.body, NOW, query.replace("7", "8")))


def test_rule_25_each_status_and_its_id():
    words = {
        word: told(word).told
        for word in ("queued", "sending", "sent", "delivered", "undelivered", "failed", "canceled", "read", "brand-new")
    }
    assert list(words.values()) == [
        Told.TAKEN,
        Told.TAKEN,
        Told.TAKEN,
        Told.DELIVERED,
        Told.BLOCKED,
        Told.DROPPED,
        Told.DROPPED,
        Told.DELIVERED,
        Told.OTHER,
    ]
    assert told("sent").event_id == f"{SID}:sent"
    assert told("sent").event_id != told("delivered").event_id


def test_rule_38_every_status_of_twilios_contract_is_known():
    """Those of incoming messages, and of group messages, never speak of a text of ours."""
    contract = json.loads(
        (Path(__file__).parents[1] / "contracts" / "twilio_messages.json").read_text(encoding="utf-8")
    )
    listed = contract["components"]["schemas"]["message_enum_status"]["enum"]
    assert set(listed) - set(TOLD) == {"receiving", "received", "partially_delivered"}
    assert set(TOLD) <= set(listed)


#: respect.md 26, word for word.
RULE_26 = {
    Fault.OPTED_OUT: (21610,),
    Fault.BAD_ADDRESS: (21211, 21614, 21635, 30005, 30006),
    Fault.UNREACHABLE: (30003,),
    Fault.CONTENT: (30007, 21618, 30008),
    Fault.SENDER: (30034, 30032, 21606, 21703, 21704, 21408, 21612),
    Fault.REFUSED: (30001, 21611, 30036, 20429),
}


@pytest.mark.parametrize(("fault", "codes"), RULE_26.items())
def test_rule_26_codes_are_a_table(fault: Fault, codes: tuple[int, ...]):
    for code in codes:
        assert FAULTS[code] is fault
        assert told("undelivered", ErrorCode=str(code)).fault is fault
    assert told("failed", ErrorCode="99999").fault is Fault.UNKNOWN
    assert told("delivered").fault is None


def test_rule_26_what_a_code_says_of_the_person():
    assert told("undelivered", ErrorCode="30005").told is Told.BOUNCED
    assert told("undelivered", ErrorCode="30005").because is Because.BAD_ADDRESS
    assert told("failed", ErrorCode="21610").because is Because.OPTED_OUT
    assert told("undelivered", ErrorCode="30003").because is None


def test_rule_26_registrations_and_daily_limits():
    """Of Twilio's own list: who may not send stops the campaign, a limit that is reached slows us down."""
    senders = [
        one["code"] for one in CODES if re.search("Unregistered|Not Provisioned|Campaign Suspended", one["message"])
    ]
    assert {FAULTS[code] for code in (30022, 30023, 30027)} == {Fault.REFUSED}
    assert {FAULTS[code] for code in senders if 30000 <= code < 31000} == {Fault.SENDER}


def test_rule_11_opt_out_type_counts_whatever_the_body_says():
    assert written("no more please", OptOutType="STOP").asked_out
    assert not written("HELP", OptOutType="HELP").asked_out
    assert not written("START", OptOutType="START").asked_out
    assert not written("STOP").asked_out  # its absence means nothing: the words are still heard


def test_rule_12_nothing_is_said_to_the_person():
    assert re.fullmatch(r'<\?xml version="1.0" encoding="UTF-8"\?><Response/>', SILENCE)
    assert door("Twilio inbound").answer == SILENCE
    assert door("Twilio inbound").media_type == "text/xml"


def test_rule_28_a_text_is_known_by_its_sid():
    assert written("Hi").event_id == SID
    assert written("Hi", MessageSid="", SmsSid="", SmsMessageSid="").event_id.startswith("sha256:")


def test_texts_keep_every_letter():
    assert written("Olá 👋 ñ & = +%").words == "Olá 👋 ñ & = +%"


def test_we_listen_where_we_ask_twilio_to_report():
    assert callback_at(posting.PAGES) == posting.PAGES + door("Twilio status").path
