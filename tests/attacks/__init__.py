"""
Attacks that are made up anew each time: requests drawn from the API's contract, hostile forms for every page, other people's tools.

A short form runs with the other tests; the long one against served demo nodes, on demand (`scripts/attack`). Attacks that were once
found to work are tests where the answer to them is, marked with what docs/security-review.md calls them.
"""
