"""
Tongban (通办): government services handled together by offices in different provinces.

The folders are the architecture; see docs/architecture.md.
"""

from tongban.configuration import newest_sqlite

newest_sqlite.use()
