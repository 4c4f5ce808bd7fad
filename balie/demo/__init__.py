"""Fictional municipalities to try the desk with."""
