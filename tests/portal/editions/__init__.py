"""Tests of editions."""
