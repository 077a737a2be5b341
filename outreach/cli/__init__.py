"""Floor 3: the command line. A command returns an Answer; `screen` alone prints it, as words or as one JSON text."""
