"""The library for other programs: interface, downloads, catalogue, harvesting."""
