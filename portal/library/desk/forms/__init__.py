"""Forms of the editors, one file per thing."""
