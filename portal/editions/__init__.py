"""Years of the prize: timeline, categories, rule set, prizes and claims."""
