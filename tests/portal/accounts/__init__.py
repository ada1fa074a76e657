"""Tests of people, organisations and sign-in."""
