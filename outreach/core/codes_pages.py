"""What do the errors of the customer pages mean?"""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-550": Explanation(
        "the words of the customer pages are not right",
        "templates/_pages holds one file per language with every sentence of the pages behind our links. A sentence "
        "is missing, is one the pages do not have, or lacks what is filled in ({shop}, {contact}, ...). Nothing was "
        "started: half a page that stops messages is worse than the old one, which goes on.",
        "mend the named line, then: outreach serve pages",
    ),
    "OUT-551": Explanation(
        "there is no studio in this version",
        "outreach serve opens the customer pages. Templates are edited as files, and checked, previewed and published "
        "from the command line.",
        "outreach serve pages; for templates: outreach preview, outreach lint, outreach publish",
    ),
    "OUT-552": Explanation(
        "the address for the pages cannot be opened",
        "Another program, often another outreach serve pages, answers there already, or the port is not ours to open. "
        "Nothing was started.",
        "choose another --port (and tell the proxy), or stop the other program",
    ),
}
