"""A deterministic world of invented entries and judges, and the drive that takes it through a whole edition."""
