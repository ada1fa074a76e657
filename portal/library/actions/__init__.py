"""Writes of the library, one file per thing: one function is one thing a person does."""
