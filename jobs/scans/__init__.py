"""One scan a file: a pure function from a night and its parameters to a Select.

Required columns: customer_id, subject_key, subject_date. May be given: became_on (since when this was true),
useful_until (the last night it is worth saying), follows (the subject that must have been told before).
Every further column is a fact: `order_id`, `owned_product_id`, `newer_product_id`, `item_product_id`, `last_order_id`
are looked up and become the records `order`, `owned`, `newer` with `offer`, `item` with `tip`, `last_order`;
`repair_link` becomes `repair`; others keep their name.
"""
