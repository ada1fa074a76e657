"""Home, information pages and notices."""
