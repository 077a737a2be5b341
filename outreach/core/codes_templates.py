"""What do the errors about templates (1xx) mean, and how are they mended?"""

from outreach.core.codes import Explanation

_KEPT = "Only the people who wait for this message are kept, with the reason template_problem; all others get theirs."
_VARIABLES = (
    "Look at the variables of the campaign (config/campaigns/NAME.yaml, facts), mend the line, then: outreach retry"
)

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-110": Explanation(
        "The front matter of a template cannot be read",
        "A template starts with a line ---, some keys (subject, preview, why, status, from, gives, matches, notes, "
        f"body) and a line ---. A key we do not have is refused, because a slip would go unseen. {_KEPT}",
        "Mend the named line; the suggestion beside it is the nearest key we have.",
    ),
    "OUT-111": Explanation(
        "A template cannot be read",
        f"Something is opened and never closed, closed and never opened, or is not an expression. {_KEPT}",
        "Close {{ with }}, {% if … %} with {% endif %}, {% for … %} with {% endfor %}, each quote with its like.",
    ),
    "OUT-112": Explanation(
        "A name does not exist in this campaign",
        f"Each campaign has a list of names with types; nothing else can be written. {_KEPT}",
        _VARIABLES,
    ),
    "OUT-113": Explanation(
        "A value may be missing, and this line needs it",
        "Not every customer has it: no first name, no promised day. A message with a hole in it never leaves, so the "
        "template has to say what stands there instead.",
        'Put {% if name %}…{% endif %} around the sentence, or `| or("…")` last in the expression.',
    ),
    "OUT-114": Explanation(
        "There is no such filter",
        "The list of filters is closed: or, money, date, day, month, short_day, time, ago, span, names, plural, "
        "ordinal, number, percent, upper_first, plain, link.",
        'Use the one suggested. A fallback is written `| or("…")`.',
    ),
    "OUT-115": Explanation(
        "A filter or a comparison does not fit the value",
        "`money` is for amounts, `date` for days, `plural` needs each form the language has; only values of one type "
        "can be compared.",
        "See the type named in the message and choose the filter for it.",
    ),
    "OUT-116": Explanation(
        "A value cannot be written as it is",
        "A list, a record, a condition, or a date or amount without a filter: there is more than one way to write it.",
        "Name one of its parts (order.number), or add a filter (| date, | money, | names).",
    ),
    "OUT-117": Explanation(
        "A value was not there, or had the wrong shape, when the message was written",
        "The facts stored for this one customer lack something the template prints. Only this customer is kept.",
        "Mend the record and import it again, or let the template cope: {% if … %}. Then: outreach retry",
    ),
    "OUT-118": Explanation(
        "A message would say something that must never leave",
        "A program's word for nothing (None, nan), a template mark, a link to a place that is not the shop's, or a "
        "line break in a subject. Only this customer is kept.",
        "Look at the facts of this customer (outreach why), mend the record or the template, then: outreach retry",
    ),
    "OUT-119": Explanation(
        "A message is too long, empty, or has no way out",
        "A text may have 1,600 characters, an email's HTML 100,000; every email carries the shop's postal address and "
        "a link to stop, in the HTML and in the plain text.",
        "Shorten the template; put {{ link.stop }} and {{ shop.postal_address }} back into the layouts.",
    ),
    "OUT-120": Explanation(
        "A stored message cannot be read",
        "Messages are kept compressed against the revision they were made from; this one is damaged, or the revision "
        "beside it is another one. Nothing was changed.",
        "Restore the database from a backup if you need to see it; it expires after 90 days in any case.",
    ),
    "OUT-121": Explanation(
        "A file under templates/ is nobody's message",
        "Its name is not CHANNEL.LANGUAGE.j2 (email.en.j2, text.pt-BR.j2, email.en@shorter.j2), or there is no "
        "campaign of its folder's name. It is not used.",
        "Rename or remove it.",
    ),
    "OUT-122": Explanation(
        "An invented person cannot be read",
        "The people of previews stand in templates/_people/*.yaml. No customer is touched by this.",
        "Mend the named line, or copy the file back: outreach init",
    ),
    "OUT-124": Explanation(
        "There is no such invented person",
        "A preview shows a message as a customer, or as one of the invented people in templates/_people.",
        "Use one of the names listed.",
    ),
    "OUT-125": Explanation(
        "The campaign does not find this customer",
        "A preview of a real customer uses the facts the campaign's scan finds; tonight it does not find this one, so "
        "there is no message to show. Nothing is sent by a preview.",
        "Ask why: outreach why CUSTOMER. Or look at an invented person: outreach preview CAMPAIGN --person NAME",
    ),
    "OUT-126": Explanation(
        "A template, or one message of it, could not be worked through",
        "Something in it is of a kind the program did not expect. It costs this one file, or this one customer's "
        f"message, and nothing else of the night. {_KEPT}",
        "Write the line more simply, and please report it with the file: it should have been said better.",
    ),
    "OUT-127": Explanation(
        "A value seems to be meant, and its braces are not whole",
        "Values stand between two braces on each side. What stands between one, or has lost half of them, is sent "
        "to customers as it is written. It can be used all the same.",
        "Write {{ order.number }}.",
    ),
    "OUT-130": Explanation(
        "This name is not there, on purpose",
        "Every customer is treated the same: what they spent, a rank, a guess about them, whether they opened a "
        "message, their age or gender, and how few are left in stock stand in no message.",
        "Say something true of what they own.",
    ),
    "OUT-131": Explanation(
        "This tag is not allowed in a template",
        "Templates have if, elif, else, endif, for, endfor and include. Nothing can be set, defined, imported or "
        "extended. The file was read and nothing in it was run.",
        "Write the words out; what is shared goes into templates/_pieces.",
    ),
    "OUT-132": Explanation(
        "This expression is not allowed in a template",
        "No calls, no arithmetic, no joining, no indexing: names, filters, comparisons, and/or/not, inline if. Nothing "
        "in it was run.",
        "Have the fact made by the scan, and name it in the campaign file.",
    ),
    "OUT-133": Explanation(
        "A loop or a filter is not written out",
        "A loop goes over one list of the campaign and holds no other loop; the words given to a filter, and the list "
        "after `in`, are written in the template itself.",
        '{% for item in order.items %}…{% endfor %}, | or("there"), in ["a", "b"]',
    ),
    "OUT-134": Explanation(
        "This cannot be included",
        "Only a piece in templates/_pieces, by its name written out, and none inside a piece.",
        '{% include "_pieces/name.j2" %}',
    ),
    "OUT-135": Explanation(
        "This is a name for programs",
        "Names that start with _ lead inside the program. Nothing was run.",
        "Use a name of the campaign.",
    ),
    "OUT-136": Explanation(
        "A tag crosses the shape of the message",
        "Bold, a link or a list opened in one branch must be closed in the same branch, or some customers get a broken "
        "page.",
        "Move {% if %} outside the bold or the link, or put it on a line of its own.",
    ),
    "OUT-137": Explanation(
        "This cannot be in a message",
        "No scripts, forms, frames, images from elsewhere, nothing that hides words or the footer, and no links or "
        'web addresses of places that are not the shop\'s. A tag is written <name attribute="value">.',
        "Write in Markdown; add the shop's own host to shop.links in config/outreach.yaml.",
    ),
    "OUT-138": Explanation(
        "The front matter does not fit the channel",
        "An email needs `subject:` and `why:` (why this person gets it); a text has neither. `from:` names one of the "
        "shop's people.",
        "Add or remove the named key.",
    ),
    "OUT-139": Explanation(
        "A layout is missing or broken",
        "templates/_layouts holds the frame of every message and the footer's words. Without it nothing can be "
        "written; nothing was decided or sent.",
        "Mend the named line, or copy the shipped layouts back: outreach init",
    ),
    "OUT-140": Explanation(
        "An email is long",
        "People read short messages. 150 words before the footer are enough. This is a thought, not an error.",
        "Leave out what the customer does not need.",
    ),
    "OUT-141": Explanation(
        "The tone shouts",
        'Exclamation marks, capitals, countdowns, "last chance", "we miss you", a subject that poses as an answer, '
        "pictures in it, more than one question: how strangers write who sell. This is a thought, not an error.",
        "Say it plainly. The words looked for stand in config/tone.yaml, by language; edit them freely.",
    ),
    "OUT-142": Explanation(
        "An offer does not say when to keep the old one",
        "An upgrade offer is honest advice first: it says what changed, when to keep what one has, and until when.",
        "Print offer.keep_if; in an email also newer.what_changed and offer.ends_on. Asking `if` is not saying.",
    ),
    "OUT-606": Explanation(
        "pages.base_url makes links too long",
        "Links stand in a mail header, where some programs break addresses of more than 75 characters. "
        "Nothing was sent.",
        "Use a short host name, without a path, for the customer pages.",
    ),
}
