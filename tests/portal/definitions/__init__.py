"""Tests of stored forms."""
