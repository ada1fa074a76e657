"""Stored, versioned form definitions and the WTForms classes made of them."""
