"""Tests of the repository itself: what every app must keep, whatever it does."""
