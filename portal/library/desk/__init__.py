"""The editorial desk, where staff keep cases."""
