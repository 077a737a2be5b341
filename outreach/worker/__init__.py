"""How do due messages keep leaving, day and night? A watched-over process or more, each with one sender."""
