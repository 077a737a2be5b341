"""Is a preview what a night would send, to the byte? And what can be looked at that no night would send?"""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.terms import Channel
from outreach.flows.preview import Preview, Want, look, previews
from outreach.flows.preview_files import cost_line, write_files
from outreach.render.content import Content
from outreach.render.links import reference
from outreach.store.schema import contents
from tests.flows.stage import Stage
from tests.flows.test_templates import spoil

GERMAN = "templates/delivery_check/email.de.j2"


def only(stage: Stage, **want: Any) -> Preview:
    (found,) = previews(stage.app, Want(want.pop("what", "delivery_check"), **want))
    return found


def hashes(stage: Stage) -> dict[int, str]:
    return {row.outbox_id: row.sha for row in stage.rows(sa.select(contents.c.outbox_id, contents.c.sha))}


def some_of_each(stage: Stage) -> Iterator[Any]:
    """Two messages of every campaign, channel and language of the night, and one that speaks of two orders."""
    seen: dict[Any, int] = {}
    for m in stage.messages():
        about = (m.campaign, m.channel, m.language, len(m.subjects) > 1)
        seen[about] = seen.get(about, 0) + 1
        if seen[about] <= 2:
            yield m


def test_a_preview_is_what_the_night_stored_to_the_byte(stage: Stage):
    before = {m.id: (m.key, m.campaign, Channel(m.channel)) for m in some_of_each(_played(stage))}
    stored = hashes(stage)
    assert {key[2] for key in before.values()} == {Channel.EMAIL, Channel.TEXT}
    for message, (key, campaign, channel) in before.items():
        shown = only(stage, what=campaign, customer=key, channel=channel)
        assert shown.content is not None
        assert shown.content.sha == stored[message], (key, campaign, channel)


def test_rule_18_a_preview_has_the_nights_own_reply_address(sqlite_stage: Stage):
    """The token is made from whom and about what, so a look before the night finds the same."""
    config = sqlite_stage.project / "config" / "outreach.yaml"
    said = config.read_text(encoding="utf-8")
    assert '  address: ""' in said
    config.write_text(said.replace('  address: ""', "  address: hello@reply.alder.example"), encoding="utf-8")
    one = next(m for m in _played(sqlite_stage).messages(campaign="upgrade_offer", channel="email"))
    shown = only(sqlite_stage, what="upgrade_offer", customer=one.key, channel=Channel.EMAIL)
    assert shown.content is not None
    assert shown.content.sha == hashes(sqlite_stage)[one.id]
    address = dict(shown.content.headers)["Reply-To"].rpartition("<")[2].removesuffix(">")
    read = sqlite_stage.app.links.read_reply(address.partition("@")[0])
    assert read == (one.contact_point_id, reference("upgrade_offer", one.subject_key))


def _played(stage: Stage) -> Stage:
    stage.night()
    return stage


def test_before_any_night_a_preview_is_what_the_night_then_sends(sqlite_stage: Stage):
    """As if it ran now; the invented shop's night is in the future, so its own dates are set first."""
    sqlite_stage.night()
    one = next(m for m in sqlite_stage.messages(campaign="upgrade_offer", channel="email"))
    sha = hashes(sqlite_stage)[one.id]
    for table in ("told", "attempt", "content", "contact_ledger", "outbox", "decision", "candidate", "run_campaign"):
        sqlite_stage.change(sa.delete(sa.table(table)))
    shown = only(sqlite_stage, what="upgrade_offer", customer=one.key, channel=Channel.EMAIL)
    assert shown.content is not None
    assert shown.content.sha == sha


def test_drafts_are_shown_as_drafts_and_only_when_asked_for(sqlite_stage: Stage):
    path = sqlite_stage.project / GERMAN
    english = (sqlite_stage.project / "templates/delivery_check/email.en.j2").read_text(encoding="utf-8")
    path.write_text(english.replace("status: ready", "status: draft").replace("Hello", "Hallo"), encoding="utf-8")
    ready = only(sqlite_stage, person="no-first-name", channel=Channel.EMAIL)
    assert (ready.template.language, ready.status) == ("en", "ready")
    for want in ({"language": "de", "channel": Channel.EMAIL}, {"what": "delivery_check/email.de"}):
        draft = only(sqlite_stage, person="no-first-name", **want)
        assert (draft.template.language, draft.status) == ("de", "draft")
        assert draft.content is not None
        assert "Hallo" in draft.content.text
    assert only(sqlite_stage, language="fr", channel=Channel.EMAIL).template.language == "en"
    assert ("delivery_check", Channel.EMAIL, "de", None) not in sqlite_stage.rebuilt().catalogue.templates


def test_a_template_that_cannot_be_used_says_all_that_is_wrong(sqlite_stage: Stage):
    spoil(sqlite_stage.project, "templates/delivery_check/email.en.j2", "Hello {{", "Hello {{ order.nope }} {{")
    with pytest.raises(Misuse) as refused:
        previews(sqlite_stage.app, Want("delivery_check/email.en"))
    assert refused.value.code == "OUT-112"
    with pytest.raises(Misuse) as unknown:
        previews(sqlite_stage.app, Want("delivery_check/email.xx"))
    assert unknown.value.code == "OUT-184"
    assert "did you mean delivery_check/email" in unknown.value.facts[0]


def test_all_people_at_once_as_files(sqlite_stage: Stage, tmp_path: Path):
    spoil(
        sqlite_stage.project,
        "config/outreach.yaml",
        "provider: outbox}   #",
        'provider: outbox, cost_per_part: "0.0083 USD"}   #',
    )
    app = sqlite_stage.rebuilt()
    shown = previews(app, Want("upgrade_offer", all_people=True))
    index = write_files(app, shown, tmp_path / "out")
    page = index.read_text(encoding="utf-8")
    files = {p.name: p for p in index.parent.iterdir()}
    assert len(shown) > 20
    assert all(p.status == "ready" and p.content is not None for p in shown)
    for preview in shown:
        assert preview.content is not None
        name = f"{preview.person}.upgrade_offer.{preview.template.channel.value}.{preview.template.language}"
        if preview.template.channel is Channel.TEXT:
            assert files[f"{name}.txt"].read_bytes() == preview.content.text.encode()
            continue
        assert files[f"{name}.html"].read_bytes() == preview.content.html.encode()  # type: ignore[union-attr]
        mail = message_from_bytes(files[f"{name}.eml"].read_bytes(), policy=policy.default)
        assert mail["Subject"] == preview.content.subject
        body = mail.get_body(("plain",))
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").strip() == preview.content.text.strip()
        assert f'src="{name}.html"' in page
    assert page.count("<iframe sandbox ") == page.count("<iframe")
    assert "<script" not in page.lower()
    assert "· about 0.0083 USD" in page or "· about 0.0166 USD" in page
    assert "hello@" not in page


def test_what_a_text_costs_is_said_only_where_it_is_known():
    def line(text: str, price: Any = None) -> str:
        return cost_line(Content(None, None, text, (), 1), price)

    assert line("a" * 160) == "1 part · 160 of 160 characters"
    assert line("a" * 161) == "2 parts · 161 of 306 characters"
    assert line("á" * 70) == "1 part · 70 of 70 characters · á costs the room"
    assert line("é" * 70) == "1 part · 70 of 160 characters"


def test_a_broken_template_hides_no_other(sqlite_stage: Stage):
    for name in ("en", "pt-BR", "de", "ar"):
        spoil(sqlite_stage.project, f"templates/delivery_check/email.{name}.j2", "{{ order.number }}", "{{ order.x }}")
    healthy = sqlite_stage.project / "templates" / "delivery_check" / "email.sv.j2"
    words = (sqlite_stage.project / "templates" / "delivery_check" / "email.en.j2").read_text(encoding="utf-8")
    words = words.replace("{{ order.x }}", "{{ order.number }}").replace("status: ready", "status: draft")
    healthy.write_text(words, encoding="utf-8")
    app = sqlite_stage.rebuilt()
    plain = look(app, Want("delivery_check"))
    assert [(p.template.channel, p.template.language) for p in plain.previews] == [("email", "sv"), ("text", "en")]
    assert [problem.code for problem in plain.broken] == ["OUT-112"]
    asked = look(app, Want("delivery_check", language="de"))
    assert [p.template.channel for p in asked.previews] == [Channel.TEXT], "asked for German, so no Swedish"
    assert [problem.code for problem in asked.broken] == ["OUT-112"]
    with pytest.raises(Misuse):
        look(app, Want("delivery_check", channel=Channel.EMAIL, language="en"))


def test_a_language_that_is_not_there_is_said(sqlite_stage: Stage):
    assert only(sqlite_stage, channel=Channel.EMAIL, language="fi").instead_of == "fi"
    assert only(sqlite_stage, channel=Channel.EMAIL, language="pt").instead_of is None, "pt-BR is Portuguese"
    assert only(sqlite_stage, channel=Channel.EMAIL).instead_of is None


def test_as_a_customer_or_as_somebody_invented(sqlite_stage: Stage):
    for both in (Want("delivery_check", "C-1", "no-first-name"), Want("delivery_check", "C-1", all_people=True)):
        with pytest.raises(Misuse) as refused:
            look(sqlite_stage.app, both)
        assert refused.value.code == "OUT-600"
