"""What do the codes of use and configuration mean? 6xx and 7xx."""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-600": Explanation(
        "the command was not understood",
        "A word, an option or a date is not one the command takes. Nothing was done.",
        "outreach COMMAND --help",
    ),
    "OUT-601": Explanation(
        "config/outreach.yaml cannot be used",
        "A key is unknown, missing or holds something it cannot hold; file, line and column are named. Nothing was "
        "decided or sent.",
        "mend the named line; config/outreach.yaml of a new project shows every key",
    ),
    "OUT-602": Explanation(
        "a campaign file cannot be used",
        "A key of config/campaigns/NAME.yaml is unknown, missing or holds something it cannot hold.",
        "mend the named line; docs/adding-a-campaign.md explains each key",
    ),
    "OUT-603": Explanation(
        "a line of .env is not KEY=value, or .env cannot be read",
        "The line itself is not shown, because it may hold a key.",
        "mend the named line",
    ),
    "OUT-604": Explanation(
        "a key of this installation is missing",
        "Addresses are remembered by a keyed hash, links are signed, comparison groups are drawn with a salt. Without "
        "these keys every wish would be forgotten, so nothing runs.",
        "restore .env from the backup that belongs to this database",
    ),
    "OUT-605": Explanation(
        "the database cannot be used",
        "OUTREACH_DATABASE_URL must be an SQLite or a PostgreSQL address, and the file behind it a database.",
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME, in .env",
    ),
    "OUT-608": Explanation(
        "a key does not belong to this database",
        "The database keeps a fingerprint of each key. With another key, addresses would hash differently and every "
        "opt-out would be forgotten, so nothing was decided.",
        "restore the .env that belongs to this database",
    ),
    "OUT-609": Explanation(
        "the demo only rebuilds its own folders",
        "The folder exists and was not made by outreach demo; or a database or key set in this shell would lead its "
        "made-up customers into another shop's database. Nothing was made.",
        "outreach demo ANOTHER-FOLDER; or unset the variable that is named",
    ),
    "OUT-610": Explanation(
        "there are no rules about spend or rank",
        "Every customer is treated the same, whatever they spend. Spend, margin, tier and value scores exist in no "
        "rule, no template and no ordering.",
        "say who should hear by what they own, what was promised, or how long ago something was",
    ),
    "OUT-611": Explanation(
        "a campaign names a scan or parameter that is not there",
        "`scan:` names a file in jobs/scans; `params:` are the keyword arguments of its scan function.",
        "mend the named line",
    ),
    "OUT-612": Explanation(
        "a scan file cannot be used",
        "A scan is a file in jobs/scans with NEEDS and scan(night, *, ...) returning a Select with customer_id, "
        "subject_key and subject_date.",
        "docs/adding-a-campaign.md shows one",
    ),
    "OUT-614": Explanation(
        "there is nothing of that name to start from",
        "outreach new copies what is there: an existing campaign, or its words in English or in the shop's language. "
        "Nothing was written.",
        "name one of those listed",
    ),
    "OUT-615": Explanation(
        "what was to be made is there already",
        "outreach new never writes over a file. Nothing was changed.",
        "edit the file that is there, or choose another name",
    ),
    "OUT-616": Explanation(
        "this cannot be the name of a language, a variant or a campaign",
        "A language is a BCP 47 tag, spelled as usual (de, pt-BR, zh-Hant). A campaign or variant is small letters, "
        "digits and _, a letter first: it becomes the name of a file.",
        "take the one suggested",
    ),
    "OUT-620": Explanation(
        "the selection was not understood",
        "Comma means and, space means or: campaign:NAME, country:GB, language:pt-BR, customer:KEY.",
        'like --select "campaign:upgrade_offer,country:BR campaign:we_were_late"',
    ),
    "OUT-621": Explanation(
        "the selection matches nobody",
        "A selector that matches nothing is an error, not a silent zero. Nothing was decided.",
        "outreach report shows whom the night found",
    ),
    "OUT-700": Explanation(
        "a fault in outreach itself",
        "Something happened that the program did not foresee. What was committed stays; nothing is half done. The "
        "trace is saved in the project.",
        "report it with the saved file; running the command again is safe",
    ),
}
