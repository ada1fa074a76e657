"""Writes of submissions, one file per thing: one function is one thing a person does, the caller's door commits."""
