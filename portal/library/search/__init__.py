"""The search engine of the case library: one port, words made once, several engines with the same answers."""
