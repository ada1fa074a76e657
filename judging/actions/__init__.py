"""Writes of judging, one file per noun: one function is one thing a person does."""
