"""The specification of Tongban, as tests."""
