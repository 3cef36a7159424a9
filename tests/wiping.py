"""Empty the database between tests that commit: only tables with rows in them, ten times as fast as Django's flush."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sites.models import Site
from django.core.cache import cache
from django.db import connection, transaction
from saleor.site.models import SiteSettings

from saleor_o2o.kernel.models import AuditEntry

#: Rows that belong to the installation, not to a test.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})
#: Tables that let nobody delete: truncated, with what refers to them.
APPEND_ONLY = """SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'o2o_kernel_refuse_change'"""


def wipe() -> None:
    """Delete every row but the installation's; foreign keys are checked at the end of it."""
    quote = connection.ops.quote_name
    audit = AuditEntry._meta.db_table
    tables = sorted(set(connection.introspection.table_names()) - KEPT - {audit})
    probe = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {quote(table)})" for table in tables
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(APPEND_ONLY)
        kept_safe = {row[0] for row in cursor.fetchall()}
        cursor.execute(probe)
        full = [row[0] for row in cursor.fetchall()]
        # First: a table with deletes that wait for their checks cannot be truncated.
        books = ", ".join(quote(table) for table in [*sorted(kept_safe.intersection(full)), audit])
        cursor.execute(f"TRUNCATE {books} CASCADE")
        for table in full:
            if table not in kept_safe:
                cursor.execute(f"DELETE FROM {quote(table)}")
        SiteSettings.objects.create(site_id=settings.SITE_ID)
    Site.objects.clear_cache()
    cache.clear()
