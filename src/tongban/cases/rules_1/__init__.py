"""The rules of a case, version 1: acts, duties and clocks, guards."""
