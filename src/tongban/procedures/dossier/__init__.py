"""Dossiers (案卷): putting the record of a matter together so that others can check it, and checking it. The verifier is pure."""
