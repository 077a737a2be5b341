"""Whatever stands in a file: is the answer findings with places, or a message, and never a crash?"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.core.terms import Campaign, Channel
from outreach.render.lint import Bench, bench, look_at_text
from tests.render.conftest import PROJECT, SHOP

PIECES = [
    "{{ customer.first_name | or('there') }}",
    "{{ order.number }}",
    "{{ order.carrier }}",
    "{{ shop.signer }}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{% if order.carrier %}",
    "{% elif shop.phone %}",
    "{% else %}",
    "{% endif %}",
    "{% for i in order.items %}",
    "{% endfor %}",
    "{{ i.name }}",
    "{{ loop.index }}",
    "{%- if shop.phone -%}",
    "{{- shop.name -}}",
    "{{ order.placed_on | date }}",
    "{{ x | y }}",
    "[a]({{ answer.fine }})",
    "[b](https://shop.alder.example)",
    "[c](x)",
    "- one\n",
    "1. two\n",
    "# Head\n",
    "---\n",
    "**",
    "*",
    "_",
    "`",
    "\\",
    "\n",
    "\n\n",
    " ",
    "<p>",
    "</p>",
    "<b",
    "&amp;",
    "&",
    "é",
    "ليلى",
    "😜",
    "\xa0",
    "\r\n",
    "\t",
    "'",
    '"',
    "!",
    "?",
    "LAST CHANCE",
    "only 3 left",
    "{% include '_pieces/x.j2' %}",
    "{{ 'a' if order.carrier else 'b' }}",
    "{{ order.items | names(2) | or('x') }}",
    "{{ '}}' }}",
    "subject: x\n",
    "word",
]
BODY = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=14).map("".join)
FRONT = st.sampled_from(
    [
        "subject: x\nwhy: x\nstatus: ready\n",
        'subject: "Order {{ order.number }}"\nwhy: "{{ shop.name }}"\nbody: html\n',
        "status: ready\n",
        "subject: {{ x }}\n",
        "subject: >\n  Two {{ order.nmber }}\n  lines\nwhy: 'it''s {{ order.nmber }}'\n",
        "matches: en@123\n",
        "- x\n",
        "",
    ]
)


@pytest.fixture(scope="module")
def tools(campaigns: dict[str, Campaign]) -> Bench:
    return bench(PROJECT, SHOP, campaigns, mailbox="mara@alder.example")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(front=FRONT, body=BODY, channel=st.sampled_from(Channel), language=st.sampled_from(["en", "pt-BR", "ar", "pl"]))
def test_any_text_gets_findings_or_a_message(
    front: str, body: str, channel: Channel, language: str, tools: Bench
) -> None:
    text = f"---\n{front}---\n{body}" if front else body
    looked = look_at_text(text, "templates/x/y.j2", ("delivery_check", channel, language, None), tools=tools)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for found in looked.findings:
        assert found.place is not None
        assert found.message
        if found.place.line:
            assert 1 <= found.place.line <= len(lines)
            assert found.place.text == lines[found.place.line - 1]
            assert 1 <= found.place.column <= len(found.place.text) + 1
    assert looked.errors or (looked.checked is not None and looked.checked.template is not None)
