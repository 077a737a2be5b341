"""How does a customer see what stands, and what they may choose? Pages of views; nothing here asks or acts."""

from starlette.responses import HTMLResponse

from outreach.core.addresses import masked
from outreach.core.page_choice import What
from outreach.core.terms import Channel
from outreach.flows.choices import REASONS, View
from outreach.web.forms import Option, boxes, button, form, hidden, radios, words
from outreach.web.markup import Html, el, filled, joined, text
from outreach.web.sheet import Sheet, heading, page, para, problem

#: What may be chosen where something stands; the first is what stands.
OFFERED = {
    What.ALL: (What.ALL, What.ORDERS, What.PAUSE),
    What.ORDERS: (What.ORDERS, What.ALL, What.PAUSE),
    What.PAUSE: (What.PAUSE, What.ORDERS, What.ALL),
    What.NOTHING: (What.NOTHING, What.ORDERS, What.ALL),
}
#: Word joiner: no line ends between the first letter of an address and the rest.
_JOINED = "\u2060"


def choose_page(on: Sheet, view: View, action: str, *, wrong: str | None = None) -> HTMLResponse:
    """Stop, or choose; for those who asked for nothing: the way back. `wrong`: what was wrong with the last try."""
    if view.standing.what is What.NOTHING:
        return _back(on, view, action, wrong)
    title = on.words["stop_title"].format(shop=on.shop.name)
    about = filled(on.words["about"], addresses=_addresses(on, view))
    return page(
        on,
        title,
        _wrong(on, wrong),
        heading(on.say("stop_title")),
        para(about),
        form(
            action,
            button(on.words["stop"], value="stop", main=True),
            para(on.words["stop_means"], soft=True),
            frameless=True,
        ),
        form(action, el("h2", on.words["or_choose"]), _choice(on, view, "send_me")) if view.standing.channels else None,
        _help(on, view),
        status=_status(wrong),
        prefix="error" if wrong else None,
    )


def _back(on: Sheet, view: View, action: str, wrong: str | None) -> HTMLResponse:
    since = view.standing.since
    said = [filled(on.words["back_since"], date=on.words.day(since.date()))] if since else []
    if view.silent:
        said.append(text(on.words["back_silent"]))
    if view.standing.channels:
        said.append(text(on.words["back_change"]))
    return page(
        on,
        on.words["back_title"],
        _wrong(on, wrong),
        heading(on.words["back_title"]),
        para(*[Html(f"{part} ") for part in said]),
        form(action, _choice(on, view, "from_now"), frameless=True) if view.standing.channels else None,
        _help(on, view),
        status=_status(wrong),
        prefix="error" if wrong else None,
    )


def _help(on: Sheet, view: View) -> Html:
    """The way to a person; the only one for whom there is no address left to choose for."""
    if not view.standing.channels:
        return para(on.say("person"))
    return el("section", el("h2", on.words["help_title"]), para(on.say("help")))


def _status(wrong: str | None) -> int:
    """200; 422 for what no button sends; 409 where what stands is in the way."""
    return 200 if wrong is None else 422 if wrong == "choose_one" else 409


def _wrong(on: Sheet, wrong: str | None) -> Html | None:
    return problem(on, on.say(wrong), "what" if wrong == "choose_one" else None) if wrong else None


def _addresses(on: Sheet, view: View) -> Html:
    shown = []
    for point in view.points:
        if point.address is None:
            shown.append(text(on.words["this_address"]))
        elif point.channel is Channel.TEXT:
            shown.append(filled(on.words["phone_ending"], digits=point.address[-4:]))
        else:
            shown.append(el("bdi", masked(point.channel, point.address).replace("…", f"…{_JOINED}")))
    return Html(on.words.listed(dict.fromkeys(shown)))


def _choice(on: Sheet, view: View, legend: str) -> Html:
    """The fieldsets and the button. Which channel is asked only of those who have both."""
    stands = view.standing
    offered = OFFERED[stands.what]
    options = [
        Option(what.value, label(on, view, what, now=what is offered[0]), what is offered[0]) for what in offered
    ]
    parts = [hidden("seen", stands.what.value), radios("what", on.say(legend), options)]
    if len(stands.channels) > 1:
        how = [Option(channel.value, on.words[channel.value], channel in stands.on) for channel in stands.channels]
        parts.append(boxes("how", on.words["how"], how))
    return joined([*parts, button(on.words["save"], value="choose")])


def label(on: Sheet, view: View, what: What, *, now: bool = False) -> Html:
    """What a choice says. `now`: it is what stands already."""
    if what is What.PAUSE:
        until = view.standing.until
        name, day = ("paused", until) if until else ("pause", view.pause_ends)
        says = filled(on.words[name], date=on.words.day(day))
    else:
        wider = what is What.ALL and view.standing.what is not What.ALL
        says = text(on.words["notes" if wider else what.value])
    return Html(f"{says} {el('small', '(' + on.words['as_now'] + ')')}") if now else says


def plain_label(on: Sheet, view: View, what: What) -> str:
    """The same as bare words: what they agreed to, for the record and the message that confirms it."""
    if what is What.PAUSE:
        return on.words["pause"].format(date=on.words.day(view.pause_ends))
    wider = what is What.ALL and view.standing.what is not What.ALL
    return on.words["notes" if wider else what.value]


def stopped_page(on: Sheet, view: View, action: str) -> HTMLResponse:
    """After "Stop everything": it is done, it can be put back, and they may say why."""
    at = view.stopped_at.isoformat() if view.stopped_at else None
    undo = form(action, hidden("at", at), button(on.words["undo"], value="undo"), frameless=True) if at else None
    why = [Option(reason, on.words[f"why_{reason}"]) for reason in REASONS]
    return page(
        on,
        on.words["stopped"],
        heading(on.words["stopped"]),
        para(on.words["stopped_means"]),
        undo,
        para(on.words["bought_again"], soft=True),
        form(
            action,
            el("h2", on.words["why_title"]),
            radios("why", on.words["why_hint"], why),
            words("words", on.words["own_words"], hint=on.words["want_answer"]),
            button(on.words["send"], value="why"),
        ),
    )


def saved_page(on: Sheet, view: View, *, confirmed: bool) -> HTMLResponse:
    """After a choice: what stands now."""
    stands = view.standing
    how = [on.words[channel.value] for channel in stands.channels if channel in stands.on]
    means = [label(on, view, stands.what)] + ([Html(on.words.listed(how))] if len(stands.channels) > 1 and how else [])
    return page(
        on,
        on.words["saved"],
        heading(on.words["saved"]),
        para(on.say("you_chose")),
        el("ul", *[el("li", part) for part in means]),
        para(on.words["confirmed"]) if confirmed else None,
        _change(on),
        prefix="done",
    )


def said_page(on: Sheet, sentence: str, *, more: bool = True) -> HTMLResponse:
    """One sentence that something is done."""
    title = on.words[sentence]
    return page(on, title, heading(title), _change(on) if more else None, prefix="done")


def _change(on: Sheet) -> Html:
    return para(el("a", on.words["change"], href=on.query()))
