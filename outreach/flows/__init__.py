"""Floor 2: one verb a file. Explicit arguments in, a summary out; here transactions begin and end."""
