"""Tests of the current figures."""
