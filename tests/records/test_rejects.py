"""Is every bad row named, kept, and taken in once it is mended?"""

import csv
from pathlib import Path

import pytest

from outreach.core.cells import harmless
from outreach.core.errors import Misuse
from outreach.flows.import_records import unfinished
from outreach.records.summary import KEPT
from outreach.store import contacts, shop
from tests.records.desk import CUSTOMERS, PRODUCTS, Desk, noticed, said

ORDERS = "order,customer,placed_on,total\n"


def test_bad_rows_are_named_and_come_in_once_mended(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS)
    rows = 'O-1,C-1,2026-03-01,9.50\nO-2,C-1,31/02/2026,1\n,C-1,2026-03-01,\n"O-\n3",C-1,2026-03-01,"12,5o"\nO-4,C-1\n'
    summary = desk.take(orders=ORDERS + rows)
    file = summary.files[0]
    assert said(file) == [
        'orders.csv:3:3: placed_on: "31/02/2026" is not a date',
        "orders.csv:4:1: order: is missing",
        'orders.csv:5:1: order: "O-·3" cannot be a key: it is too long or holds hidden characters',
        'orders.csv:5:4: total: "12,5o" is not an amount in GBP',
        "orders.csv:7: has 2 fields, the first row has 4",
    ]
    assert (file.read, file.new, file.rejected, file.rejected_file) == (5, 1, 4, "rejected/orders.rejected.csv")
    problem = unfinished(summary)
    assert problem is not None
    assert (problem.code, problem.exit_code) == ("OUT-201", 1)
    assert problem.message == "4 of 5 rows in orders.csv cannot be read"
    _mend(desk.project / "rejected/orders.rejected.csv")
    path = desk.project / "rejected/orders.rejected.csv"
    mended = desk.take(**{"orders.rejected": path.read_bytes()})
    assert unfinished(mended) is None
    assert [row.key for row in desk.rows(shop.orders)] == ["O-1", "O-2", "O-9", "O-3", "O-4"]


def _mend(path: Path) -> None:
    with path.open(newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["order", "customer", "placed_on", "total", "problem"]
    assert rows[0] == ["O-2", "C-1", "31/02/2026", "1", 'placed_on: "31/02/2026" is not a date']
    rows[0][2], rows[1][0], rows[2][0], rows[2][3] = "2026-02-28", "O-9", "O-3", "12.50"
    rows[3] = ["O-4", "C-1", "2026-03-03", "", ""]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def test_what_is_still_bad_stays_in_the_same_file(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS)
    desk.take(orders=ORDERS + "O-1,C-1,never,\nO-2,C-1,never\n")
    path = desk.project / "rejected/orders.rejected.csv"
    before = path.read_bytes()
    again = desk.take(**{"orders.rejected": before}).files[0]
    assert again.rejected_file == "rejected/orders.rejected.csv"
    assert path.read_bytes().splitlines()[:2] == before.splitlines()[:2]
    assert path.read_text().splitlines()[2] == 'O-2,C-1,never,"has 4 fields, the first row has 5"'
    desk.take(**{"orders.rejected": path.read_bytes()})
    assert path.read_text().splitlines()[2] == 'O-2,C-1,never,"has 4 fields, the first row has 5"'


def test_a_problem_is_never_a_formula() -> None:
    assert harmless("=1+1") == "'=1+1"
    assert harmless("@x") == "'@x"
    assert harmless("price: is missing") == "price: is missing"


def test_bad_addresses_are_dropped_and_never_shown(desk: Desk) -> None:
    summary = desk.take(
        customers="customer,email,phone,country,language\n"
        "C-1,ana(at)shop.example,123,GB,tlhingan\nC-2,bo@shop.example,020 7946 0018,Freedonia,en\n"
    )
    assert noticed(summary.files[0]) == [
        'customers.csv:2:2: email: "a…" is not an email address',
        'customers.csv:2:3: phone: "…23" is not a phone number of GB',
        'customers.csv:2:5: language: "tlhingan" is not a language we know; write its code, like en or pt-BR',
        'customers.csv:3:4: country: "Freedonia" is not a country we know; write its two letters, like GB',
    ]
    assert (summary.files[0].new, summary.files[0].warnings) == (2, 4)
    found = [(row.customer_id, row.channel, row.address) for row in desk.rows(contacts.contact_points)]
    assert found == [(2, "email", "bo@shop.example"), (2, "text", "+442079460018")]


def test_a_key_twice_is_refused_and_a_row_twice_is_not(desk: Desk) -> None:
    file = desk.one(products=PRODUCTS + "P-2,Hob\nP-1,Mill\nP-2,Pan\n")
    assert said(file) == ['products.csv:5:1: product: "P-2" is already in row 3, with other values']
    assert (file.read, file.new, file.unchanged, file.rejected) == (4, 2, 1, 1)


def test_rings_of_successors_are_refused_and_the_rest_is_not(desk: Desk) -> None:
    head = "sku,name,successor_sku\n"
    file = desk.one(products=head + "A,a,B\nB,b,C\nC,c,A\nD,d,A\nE,e,F\nG,g,G\n")
    assert said(file) == [
        "products.csv:2:3: successor_sku: goes round in a ring: A → B → C → A",
        "products.csv:3:3: successor_sku: goes round in a ring: A → B → C → A",
        "products.csv:4:3: successor_sku: goes round in a ring: A → B → C → A",
        "products.csv:7:3: successor_sku: goes round in a ring: G → G",
    ]
    assert noticed(file) == ['products.csv:6:3: successor_sku: "F" is not in the catalogue; the line ends here']
    assert [row.key for row in desk.rows(shop.products)] == ["D", "E"]


def test_refusing_a_ring_may_close_another_one(desk: Desk) -> None:
    head = "sku,name,successor_sku\n"
    desk.take(products=head + "A,a,B\nB,b,D\nD,d,\nC,c,\n")
    file = desk.one(products=head + "B,b,C\nC,c,A\nD,d,A\n")  # without the ring A B C, the stored B leads on to D
    assert (file.new, file.changed, file.rejected) == (0, 0, 3)
    assert [(row.key, row.generation) for row in desk.rows(shop.products)] == [("A", 1), ("B", 2), ("D", 3), ("C", 1)]


def test_a_ring_with_what_is_stored_is_refused_too(desk: Desk) -> None:
    head = "sku,name,successor_sku\n"
    desk.take(products=head + "A,a,B\nB,b,C\nC,c,\n")
    file = desk.one(products=head + "C,c,A\n")
    assert file.rejected == 1
    assert [(row.key, row.line, row.generation) for row in desk.rows(shop.products)] == [
        ("A", "A", 1),
        ("B", "A", 2),
        ("C", "A", 3),
    ]


def test_lines_and_generations_follow_the_longest_way(desk: Desk) -> None:
    head = "sku,name,successor_sku\n"
    desk.take(products=head + "C,c,\nX,x,C\nA,a,B\nB,b,C\nS,s,\n")
    found = {row.key: (row.line, row.generation) for row in desk.rows(shop.products)}
    assert found == {"A": ("A", 1), "B": ("A", 2), "X": ("A", 1), "C": ("A", 3), "S": ("S", 1)}
    desk.take(products=head + "B,b,\n")
    found = {row.key: (row.line, row.generation) for row in desk.rows(shop.products)}
    assert found == {"A": ("A", 1), "B": ("A", 2), "X": ("X", 1), "C": ("X", 2), "S": ("S", 1)}


def test_only_the_first_findings_are_kept(quick: Desk) -> None:
    file = quick.one(products="sku,name\n" + "P,\n" * (KEPT + 5))
    assert (len(file.findings), file.rejected) == (KEPT, KEPT + 5)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffproduct,name\r\nP-1,Mühle\r\n",
        "product;name\nP-1;Mühle\n",
        "product\tname\nP-1\tMühle\n",
        'product,name\n\n"P-1","Mühle"\n\n',
        "product,name\rP-1,Mühle\r",
    ],
)
def test_files_as_spreadsheets_write_them(quick: Desk, text: str) -> None:
    quick.take(products=text)
    assert [(row.key, row.name) for row in quick.rows(shop.products)] == [("P-1", "Mühle")]


def test_rows_are_numbered_by_the_line_they_start_on(quick: Desk) -> None:
    file = quick.one(products='product,name\nP-1,"two\nlines"\n\nP-2,\n')
    assert said(file) == ["products.csv:5:2: name: is missing"]
    assert quick.rows(shop.products)[0].name == "two lines"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("product,name\nP-1,Ok\nP-2,Mühle\n".encode("latin-1"), "not UTF-8 text: row 3"),
        ("product,name\n".encode("utf-16"), "not UTF-8 text: row 1"),
        (b'product,name\nP-1,"Mill\nP-2,Hob\n', "opened in row 2 is never closed"),
        (b"", "empty"),
        (b"\n\n", "empty"),
    ],
)
def test_files_that_cannot_be_read_are_refused_whole(quick: Desk, text: bytes, words: str) -> None:
    with pytest.raises(Misuse) as problem:
        quick.take(products=text)
    assert problem.value.code == "OUT-204"
    assert words in problem.value.message
    assert not quick.rows(shop.products)


def test_one_bad_quote_costs_one_row(quick: Desk) -> None:
    file = quick.one(products='product,name\nP-1,"Mill" 3\nP-2,Hob\nP-3,\n')
    assert said(file) == [
        'products.csv:2: has a quote (") that is neither closed nor written twice',
        "products.csv:4:2: name: is missing",
    ]
    assert [row.key for row in quick.rows(shop.products)] == ["P-2"]


def test_two_bad_quotes_in_a_row_keep_their_lines(quick: Desk) -> None:
    file = quick.one(products='product,name\n"P-1"x,Mill\n"P-2"x,Hob\nP-3,Pan\n')
    assert [finding.place.line for finding in file.findings if finding.place] == [2, 3]


def test_a_header_alone_is_no_fault(quick: Desk) -> None:
    assert quick.one(products="product,name\n").read == 0


def test_hostile_text_comes_in_as_text(desk: Desk) -> None:
    desk.take(
        customers="customer,first_name\nC-1,\"Robert'); DROP TABLE customer;--\x00\u202e\"\nC-2,=cmd|' /C calc'!A0\n"
    )
    assert [row.first_name for row in desk.rows(shop.customers)] == [
        "Robert'); DROP TABLE customer;--",
        "=cmd|' /C calc'!A0",
    ]
