"""Strict and sandboxed: a template, typed facts and one person become the exact bytes of one message."""
