"""What does a mail that came in say, and who is it from? Bytes in, values out: no database, no network, no clock."""
