"""Reads of judging, one file per noun."""
