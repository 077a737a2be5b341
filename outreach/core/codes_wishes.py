"""What do the codes of customers' wishes mean? 5xx."""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-501": Explanation(
        "no customer, order or address is meant by that",
        "A customer can be named by the shop's key for them, by one of their order numbers, an email or a "
        "phone number.",
        "check the spelling; a phone number is best given with its country, like +44",
    ),
    "OUT-502": Explanation(
        "the list cannot be read",
        "A list of opt-outs is a UTF-8 CSV with a column of emails or phone numbers, or one address a line.",
        "save it as UTF-8 and import it again; nothing was taken from it",
    ),
    "OUT-503": Explanation(
        "several customers share that address",
        "Families share addresses. A wish is always recorded for the address; a hold needs one customer.",
        "name the customer by their key",
    ),
    "OUT-504": Explanation(
        "some lines hold no address",
        "The other lines are in. Taking the same list again changes nothing, so the mended list can be imported whole.",
        "mend the named lines, then import the list again",
    ),
    "OUT-505": Explanation(
        "only the customer can take this back",
        "A wish to be left alone ends only by the person's own word. Staff record what they said; it is shown in the "
        "next report.",
        'outreach optout undo CUSTOMER --customer-asked "what they said, when, to whom"',
    ),
    "OUT-506": Explanation(
        "this customer has no address",
        "A wish is remembered by the address, so that it outlives the customer's record. This customer has none: "
        "nothing can reach them now. A hold stays with the customer, also when an address comes in.",
        'outreach hold CUSTOMER --because "asked not to be written to"',
    ),
    "OUT-507": Explanation(
        "config/keywords.yaml cannot be used",
        "A key is unknown, or a phrase holds a mark or a class that is not there; file, line and column are named. "
        "Without it nobody's wish would be heard, so nothing starts.",
        "mend the named line; docs/hearing.md explains the marks",
    ),
    "OUT-508": Explanation(
        "the list does not say who asked to be left alone",
        "Lists of Mailchimp, Klaviyo, Shopify, SendGrid and Twilio are known by their columns, and so is a bare list "
        "of addresses. This one has columns that may tell who agreed and who did not, or none with addresses, or holds "
        "people who asked for nothing. Nothing was taken from it: closing everybody in it would be a guess.",
        "save the addresses of those who asked as a list of its own, with one column: email or phone",
    ),
    "OUT-509": Explanation(
        "forgetting was not confirmed",
        "Forgetting cannot be undone, so it asks first; where nobody can answer, it wants --yes. Nothing was changed.",
        "outreach forget CUSTOMER --dry-run, then outreach forget CUSTOMER --yes",
    ),
    "OUT-510": Explanation(
        "some files could not be cleaned of a person",
        "The person is silenced and the database holds nothing of them any more, but some files that may name them "
        "could not be opened or written.",
        "delete the named files, or mend their rights and type the same command again",
    ),
    "OUT-511": Explanation(
        "the list cannot be written there",
        "The export of opt-outs was asked for in a form we do not know, or its file cannot be written.",
        "outreach optout export FILE --format csv",
    ),
}
