"""Forms of the secretariat."""
