"""How do a shop's purchase records come in? CSV files or SQL rows, checked one by one, written in sets."""
