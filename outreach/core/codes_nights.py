"""What do the codes of nights and sending mean? 3xx and 4xx."""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-301": Explanation(
        "another nightly is running",
        "One nightly works at a time; the lock is freed when its program ends, however it ends. This one did nothing "
        "and ended with 75, so that cron may try again.",
        "wait, or look: outreach status",
    ),
    "OUT-302": Explanation(
        "the database does not answer",
        "The database was busy for too long, is not there, or refused us. What was committed stays; the rest was "
        "rolled back. Safe to run again (exit 75).",
        "check OUTREACH_DATABASE_URL and the disk, then run the command again",
    ),
    "OUT-310": Explanation(
        "a past night can only be played in outbox mode",
        "--night sets the clock back to that night. In team or live mode this would write to people about things "
        "long past, so it is refused.",
        "use --as-of DATE, which is always dry, or set send.mode to outbox",
    ),
    "OUT-311": Explanation(
        "this mode is refused until doctor passes",
        "Before anything may reach people, the ways out must answer, a person must read the replies, an older list of "
        "opt-outs must be imported or declared not to exist, and the provider must be in place. Nothing was decided.",
        "outreach doctor lists what is in the way and how to mend it",
    ),
    "OUT-320": Explanation(
        "the night is held and waits for a person",
        "The first live night is always held, and so is a night that is not usual: more than 3 times the median and "
        "over 50 more, or a fifth fewer orders than the night before. Decisions are kept, nothing was queued.",
        'look with outreach report, then: outreach approve RUN --note "…", or approve RUN --reject',
    ),
    "OUT-321": Explanation(
        "this run is not held",
        "Only a held run can be approved or rejected. It was approved or rejected before, or a later night "
        "took its place.",
        "outreach status",
    ),
    "OUT-322": Explanation(
        "there is no such run in this mode",
        "Runs are called n- and their date, and belong to the mode they ran in.",
        "outreach status names the newest",
    ),
    "OUT-323": Explanation(
        "a reason is needed",
        "What a person decides by hand is kept with their reason, for whoever looks later.",
        'add --note "…" or --because "…"',
    ),
    "OUT-324": Explanation(
        "some people are kept for tomorrow: a template has a problem",
        "Only the people who wait for that message are kept; all others got theirs, or will at their hour. A campaign "
        "in which more than 50, or more than 5 in 100, of the messages cannot be written is stopped whole for the "
        "night. The file and the line are named below.",
        "mend the named line, look with outreach preview CAMPAIGN, then: outreach retry RUN",
    ),
    "OUT-312": Explanation(
        "that night has not come yet",
        "The night of a date knows what happened before that date, so it cannot be played before the date is here.",
        "--as-of DATE shows a night without writing anything",
    ),
    "OUT-325": Explanation(
        "nothing of this night is tried again",
        "Only a night that went through keeps people for a template problem. A held one waits for approval, which "
        "decides everybody again; a rejected or superseded one is over.",
        "outreach status; a held night: outreach approve RUN",
    ),
    "OUT-330": Explanation(
        "there is no such message",
        "Messages are called m- and a number.",
        "outreach tonight lists them; outreach why CUSTOMER lists one customer's",
    ),
    "OUT-331": Explanation(
        "this message no longer waits",
        "Only what still waits can be struck out. What was handed over cannot be called back.",
        "outreach show MESSAGE",
    ),
}
