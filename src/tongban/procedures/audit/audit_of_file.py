"""Part of the audit: is the database file itself whole? On SQLite, where no server sees to that."""

from collections.abc import Iterator

from django.db import DatabaseError, connection

from tongban.procedures.audit.discrepancies import Discrepancy, Report


def check(report: Report) -> Iterator[Discrepancy]:
    """Yield what SQLite finds wrong with its pages, rows, constraints and indexes; on PostgreSQL nothing."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        report.count("DatabasePage", int(cursor.fetchone()[0]))
        try:
            cursor.execute("PRAGMA integrity_check")
            problems = [problem for (problem,) in cursor.fetchall() if problem != "ok"]
        except DatabaseError as error:  # so damaged that the check itself gives up
            problems = [str(error)]
    for problem in problems:
        yield Discrepancy("SQLite", "integrity_check", "数据库文件", problem)
