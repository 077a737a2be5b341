"""What do the error codes of purchase records (2xx) mean?"""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-201": Explanation(
        "Some rows of an import cannot be read",
        "A row whose key, date or amount cannot be read, or that names a customer, an order or a product nobody "
        "knows, is left out, because half a record leads to wrong messages. All other rows are in. The rows left "
        "out stand in rejected/NAME.rejected.csv with their own columns and one more, `problem`.",
        "Mend the cells it names and import that file: outreach import rejected/NAME.rejected.csv. The column "
        "`problem` is ignored. Rows that are in already are not taken twice.",
    ),
    "OUT-202": Explanation(
        "No saved mapping fits the file",
        "config/records.yaml says which column is which field. Every column it names must be in the file; a "
        "column that was renamed by the shop's system would else be dropped without anyone noticing. Nothing was "
        "read.",
        "outreach import --guess FILE shows what it takes the columns for, asks, and saves it.",
    ),
    "OUT-203": Explanation(
        "A required column is missing",
        "A customer needs a key; a product a key and a name; an order a key, a customer and the day it was "
        "placed; an order line its order and a product or a name. Without these nothing can be matched, so "
        "nothing was read.",
        "Export the column too, or name it in config/records.yaml under `columns` (field: column).",
    ),
    "OUT-204": Explanation(
        "The file cannot be read as a table",
        "It is empty, or not UTF-8 text, or a quote is opened and never closed. A file that is read only in part "
        "would look like a shop with fewer orders. Nothing was read.",
        'Save it as "CSV UTF-8", and close or double the quote in the row that is named.',
    ),
    "OUT-205": Explanation(
        "A column can be read two ways",
        "03/04/2026 is a day in April or in March, and 1.234 is a small or a large amount. One row that can be "
        "read only one way (31/01/2026, 12,50) settles the column; here no row does, or two rows disagree. "
        "Nothing was read.",
        "Write date_order: day-first (or month-first), or decimal: point (or comma), under that kind in "
        "config/records.yaml. --yes takes what is usual in the shop's country, and says so.",
    ),
    "OUT-206": Explanation(
        "config/records.yaml is not right",
        "A key or a field in the file is not one we know, or a required field has no column. Nothing was read.",
        "Mend the line that is named, or remove that kind and let outreach import --guess write it again.",
    ),
    "OUT-207": Explanation(
        "The shop's database cannot be asked",
        "The section `sql` of config/records.yaml names a database or a query that does not work: the address is "
        "missing, a table or column does not exist, or the watermark is not among the columns. Nothing was "
        "written.",
        "Mend the query in config/records.yaml, or the address in .env of the project. The address never stands "
        "in the config.",
    ),
    "OUT-209": Explanation(
        "A field was left out",
        "An email address or a phone number that cannot be right, a country or a language nobody knows, or a "
        "successor that is not in the catalogue. The rest of the row is in; a customer without any address is "
        "left alone as `no_address`.",
        "Mend it in the shop's own system; the next import takes it in.",
    ),
    "OUT-210": Explanation(
        "The file has one row per item sold",
        "Some shop systems write orders, customers and order lines into one table, where most rows lack the "
        "order's own fields. Nothing was read.",
        "Export customers, orders and order lines as files of their own, or read them from the database by SQL.",
    ),
    "OUT-211": Explanation(
        "The shop's database does not answer",
        "It could not be reached. What is in the program's own database is as it was; the watermark has not "
        "moved, so nothing is skipped.",
        "Try again later; cron will.",
    ),
}
