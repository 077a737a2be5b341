"""What do the errors of handing over mean?"""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-430": Explanation(
        "this is not the database that was last sent from",
        "This machine remembers the last message it handed over. The database has another id, or does not know that "
        "message: it was restored from a backup, or is a copy. What the backup still counts as waiting may have left "
        "since, so nothing is sent until a person has looked.",
        "is it the right one? outreach doctor --confirm-restore: messages that may have left already are listed as "
        "unknown and not sent; everything else goes on. If it is the wrong one: mend OUTREACH_DATABASE_URL",
    ),
    "OUT-431": Explanation(
        "send.strict needs PostgreSQL",
        "With send.strict an opt-out waits until no message to that person is on its way, by locks that only "
        "PostgreSQL has. Without it no hand-over begins once an opt-out is written; one that has begun, at most 20 "
        "seconds before, may still arrive. Nothing was decided or sent.",
        "set send.strict: false, or name a PostgreSQL database in OUTREACH_DATABASE_URL",
    ),
    "OUT-432": Explanation(
        "OUTREACH_FAIL_AT names no point this program can fail at",
        "The variable makes a process end at a chosen point, for tests of what a crash does. It is never set in "
        "earnest. Nothing was decided or sent.",
        "unset OUTREACH_FAIL_AT",
    ),
}
