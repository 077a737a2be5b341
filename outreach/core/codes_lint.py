"""What do the findings of `outreach lint` mean that are more than mistakes of writing? OUT-143 to 179."""

from outreach.core.codes import Explanation

_THOUGHT = "This is a thought, not an error: it stops nothing, except `lint --strict`."
_READ = "Every message is written to each of the invented people, and then read as a mail program would."

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-143": Explanation(
        "Nobody signs",
        f"A message comes from a person, who reads the answers. {_THOUGHT}",
        "End it with {{ shop.signer }}, for {{ shop.name }}.",
    ),
    "OUT-144": Explanation(
        "A filter has nothing to say in this language",
        f"`ordinal` knows how some languages write 3rd; in others it writes the plain number. {_THOUGHT}",
        "Write the sentence so that a plain number is right, with `number`.",
    ),
    "OUT-145": Explanation(
        "There is no template there",
        "lint takes files and folders under templates/, or names of campaigns. Nothing was looked at.",
        "Use the one suggested, or none: outreach lint looks at all of them.",
    ),
    "OUT-150": Explanation(
        "A subject is long",
        f"Phones show about 40 letters; what comes after 50 nearly nobody sees. {_THOUGHT}",
        "Put what matters first, and leave the rest to the preview line.",
    ),
    "OUT-151": Explanation(
        "A text costs more parts than it needs",
        "160 letters of the cheap alphabet (GSM 03.38) are one part; one letter outside it (á, ã, ’) makes the whole "
        f"text dear: 70 letters a part. {_THOUGHT}",
        "Do the cheapest of what is proposed: another letter, `| plain` after a value, or some letters less.",
    ),
    "OUT-152": Explanation(
        "An email is nearly too large",
        f"Gmail cuts messages near 102 kB, and with the end goes the way out. We refuse more than 100,000. {_THOUGHT}",
        "Shorten it, or cut a list: {{ order.items | names(3) }}.",
    ),
    "OUT-160": Explanation(
        "A translation says other things than its original",
        f"One language names a value the other does not. How a customer is addressed may differ. {_THOUGHT}",
        "Compare the two files; say the same in both.",
    ),
    "OUT-161": Explanation(
        "A translation is older than its original",
        "`matches: en@9f3c1a` names the words it was made from; they have changed since. Status and notes do not "
        f"count. {_THOUGHT}",
        "Read the original, bring the translation up to it, then write the new version after `matches:`.",
    ),
    "OUT-162": Explanation(
        "A translation has other links than its original",
        f"Customers of one language could not answer, or not go, where those of the other can. {_THOUGHT}",
        "Put the same links into both.",
    ),
    "OUT-163": Explanation(
        "A translation makes other promises than its original",
        f"A day, an hour, an amount or a number stands in one language and not in the other. {_THOUGHT}",
        "Promise the same in both; numbers are compared as digits.",
    ),
    "OUT-164": Explanation(
        "Nobody can tell how old a translation is",
        f"`matches: en@9f3c1a` says from which words of which language it was made. {_THOUGHT}",
        "Compare it with its original, then add the line proposed.",
    ),
    "OUT-170": Explanation(
        "A message does not say its language or direction",
        f"Screen readers choose their voice by `lang`, and Arabic needs `dir`. {_READ}",
        "Put lang and dir on <html> and on the outer cell of templates/_layouts/email.html.j2.",
    ),
    "OUT-171": Explanation(
        "The head of a message lacks its title or its alphabet",
        f"The title is the subject, and the first line says UTF-8. {_READ}",
        "Put <meta charset> and <title>{{ message.subject }}</title> back into the layout.",
    ),
    "OUT-172": Explanation(
        "A table is neither layout nor table",
        f"A screen reader reads a table cell by cell, unless it is told that it is only there for the look. {_READ}",
        'Layout: role="presentation". A real table: <th scope="col"> over its columns.',
    ),
    "OUT-173": Explanation(
        "A message has two titles",
        f"Headings of the first rank are how people find their way; one is enough. {_READ}",
        "Make the others ## headings.",
    ),
    "OUT-174": Explanation(
        "A link does not say where it goes",
        f'"Click here" means nothing to somebody who hears the links one after the other. {_THOUGHT}',
        "Let the link's own words say it: [See the care guide]({{ give.link }}). Words: config/tone.yaml, nowhere.",
    ),
    "OUT-175": Explanation(
        "A link is too small for a finger",
        f"Buttons and links in lists are 44 px high. {_READ}",
        "Give `a.button` and `li a` of the layout more padding.",
    ),
    "OUT-176": Explanation(
        "Words are hard to read",
        f"Text needs a contrast of 4.5 to its ground (WCAG 2.2), in light, in dark and turned around; 16 px. {_READ}",
        "Choose a darker or a lighter colour; take sizes out of the body.",
    ),
    "OUT-177": Explanation(
        "A message loads something",
        f"A message is complete as it is: no pictures, scripts, fonts or forms, and so nothing that watches. {_READ}",
        "Take it out.",
    ),
    "OUT-178": Explanation(
        "A message lacks what mail programs ask for",
        "Width, both colour schemes, no links made of numbers, and the hidden preview line stand in the layout. "
        f"{_READ}",
        "Copy the shipped layout back: outreach init",
    ),
    "OUT-179": Explanation(
        "The plain text is not as complete as the HTML",
        f"It is for everyone whose program shows no HTML: every link on its own line, 72 columns. {_READ}",
        "Write the body in Markdown; the plain text comes from it.",
    ),
}
