"""Tests of the engine that every procedure shares."""
