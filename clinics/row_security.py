"""PostgreSQL's row-level security: the role of the site sees the rows of the clinics that `clinics.wall` opened.

A row is reached by its clinic, or by the row that it belongs to, whose own policy decides. It holds for the tables'
owner too (FORCE), but not for a superuser or a role with BYPASSRLS. What else the site's role may do is in `grants`.
"""

from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

POLICY = "of_clinic"
ALL = "(SELECT current_setting('app.scope', true)) = 'all'"
OURS = "ANY ((SELECT nullif(current_setting('app.clinics', true), ''))::bigint[])"


class Belongs(NamedTuple):
    """A table and the column that says to which clinic, or to which row of the table `to`, a row belongs."""

    table: str
    column: str
    to: str = ""
    key: str = "id"


def protect(connection: BaseDatabaseWrapper, *tables: Belongs, add_any: bool = False) -> None:
    """Put tables behind the wall; a migration calls it, and does nothing on SQLite.

    `add_any` lets rows be added that nobody's yet are, such as a file before what names it.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            check = " WITH CHECK (true)" if add_any else ""
            cursor.execute(f"CREATE POLICY {POLICY} ON {table.table} USING ({_seen(table)}){check}")
            cursor.execute(f"ALTER TABLE {table.table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def lay_open(connection: BaseDatabaseWrapper, *tables: Belongs) -> None:
    """Take the wall away again."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP POLICY {POLICY} ON {table.table}")
            cursor.execute(f"ALTER TABLE {table.table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")


def _seen(row: Belongs) -> str:
    """Return the condition in SQL; the settings are read once a statement."""
    column = f"{row.table}.{row.column}"
    if row.to:
        return f"{ALL} OR EXISTS (SELECT FROM {row.to} up WHERE up.{row.key} = {column})"
    return f"{ALL} OR {column} = {OURS}"


def grants(role: str) -> list[str]:
    """Return the SQL that makes the role of the site, for the owner of the database to run after migrating.

    It may read and write rows, and neither make nor change tables; the audit log it may only read and add to.
    """
    log, done = "clinics_auditentry", "django_migrations"
    rows, numbers = "SELECT, INSERT, UPDATE, DELETE ON", "USAGE, SELECT ON"
    return [
        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT {rows} ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT {numbers} ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE ON {log} FROM {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON {done} FROM {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rows.removesuffix(' ON')} ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {numbers.removesuffix(' ON')} ON SEQUENCES TO {role}",
    ]
