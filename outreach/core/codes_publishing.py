"""What do the codes of previews, tests and versions of templates mean? OUT-180 to 194."""

from outreach.core.codes import Explanation

_NOTHING = "Nothing was written: the file on disk, its versions and tonight's messages are as they were."

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-180": Explanation(
        "These words cannot be published as they are",
        f"Something in the template would break or mislead; each place is named. {_NOTHING}",
        "Mend the named lines, then publish again. Warnings do not stand in the way.",
    ),
    "OUT-181": Explanation(
        "The file changed while it was being published",
        "Somebody else saved it, or git brought another version, between reading it and writing it. Their words are on "
        f"disk and were not touched. {_NOTHING}",
        "Look at what changed, put the two together, then publish again.",
    ),
    "OUT-182": Explanation(
        "A second person has to read these words first",
        "With templates.review: true in config/outreach.yaml a message is published only when somebody else than its "
        f"author has read it. {_NOTHING}",
        "Let a colleague read `outreach preview`, then name them: --reviewed-by NAME.",
    ),
    "OUT-183": Explanation(
        "Nobody but their author has read these words",
        "With templates.review: true words that were not published with a second reader are not sent. Only the people "
        "who wait for this message are kept, with the reason template_problem; all others get theirs.",
        'outreach publish TEMPLATE --note "…" --reviewed-by NAME, then: outreach retry RUN',
    ),
    "OUT-184": Explanation(
        "There is no such template",
        "A template is named by its file: delivery_check/email.en, with or without templates/ before it and .j2 after.",
        "The suggestions are the nearest files there are.",
    ),
    "OUT-185": Explanation(
        "There is no such version",
        "A version is named as `outreach history` prints it: v6, or the first letters of its revision.",
        "outreach history TEMPLATE",
    ),
    "OUT-186": Explanation(
        "git did not take the change",
        "Publishing in a git folder is one commit of one file. git refused it, for the reason shown; the file is as it "
        "was before. On no branch, or in the middle of a merge or a rebase, it is not even tried.",
        "Do what git asks for, then publish again.",
    ),
    "OUT-187": Explanation(
        "Too many of tonight's people could not be written to",
        "The message was tried for everyone the campaign finds tonight. More than 50 failed, or at least 5 and more "
        f"than 5 %: the night would stop the whole campaign. {_NOTHING}",
        "Mend what the findings name: mostly a value that some people do not have.",
    ),
    "OUT-188": Explanation(
        "A version needs a note",
        "One line saying what changed and why: it is what people read in the history a year from now.",
        'outreach publish TEMPLATE --note "what and why"',
    ),
    "OUT-189": Explanation(
        "Somebody else is publishing just now",
        "One template is published at a time, so that the file, git and the history tell the same story. The lock is "
        f"freed when that program ends, however it ends. {_NOTHING}",
        "Wait a moment, then publish again (exit 75: safe to try again).",
    ),
    "OUT-190": Explanation(
        "Tests go to teammates only",
        "An address that is not under team: in config/outreach.yaml never gets a test, in any mode: a mistyped address "
        "would be a customer's, or a stranger's.",
        "Add the address under team: in config/outreach.yaml, or send to one that is there.",
    ),
    "OUT-191": Explanation(
        "That is enough tests for today",
        "50 tests a day are sent at most, so that a script gone wrong fills no mailbox.",
        "Look with outreach preview, which has no limit; tests go again tomorrow.",
    ),
    "OUT-192": Explanation(
        "The test was not taken",
        "The provider did not accept it, or nobody knows whether it did. A test is never tried again by itself.",
        "outreach doctor looks at keys and senders; then send the test again.",
    ),
}
