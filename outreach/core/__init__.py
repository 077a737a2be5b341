"""Floor 0: pure decisions and words. Standard library only; no clock, no environment, no logging."""
