"""
What everything else stands on: events and chains, the one writer, duties, the vault,
the working-day calendar, trust (keys, signatures, seals) and refusals.

Knows nothing of cases, offices or people. Modules without Django can be shipped alone.
"""
