"""
What proves who said what, and hides what is nobody's business: SM2, SM3 and SM4, canonical JSON, digests, key chains, signed
documents. Knows no database and no node; an algorithm or a cryptographic machine is exchanged here and nowhere else.
"""
