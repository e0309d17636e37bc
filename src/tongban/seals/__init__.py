"""
Seals of this node's organisations (电子印章): their certificates and keys, their pictures, and the signing of PDFs with them.

What a letter says and where its seal stands is for `letters`; the seal over events (封存) is another thing, in `kernel/journal`.
"""
