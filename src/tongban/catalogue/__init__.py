"""
Items of the national lists, offerings (实施清单), and their guides: immutable published versions.

Leaves to `agreements` what another place may do for an offering.
"""
