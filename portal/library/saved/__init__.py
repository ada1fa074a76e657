"""Searches that a reader keeps, by mail or feed."""
