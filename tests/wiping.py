"""Empty the database between tests that commit: only tables with rows in them, many times as fast as Django's flush.

And give back the room of rows that are gone, since nothing else does: the test cluster has no autovacuum, whose time
would be that of some test or other.
"""

from __future__ import annotations

from functools import cache

import pytest
from django.conf import settings
from django.contrib.sites.models import Site
from django.core.cache import cache as cached
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker
from saleor.site.models import SiteSettings

#: Rows that belong to the installation, not to a test.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})
#: What the triggers of append-only tables call, as it is and as it is while we empty them.
GUARD = "o2o_kernel_refuse_change"
OPEN = f"CREATE OR REPLACE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"
#: So many rows of a table are truncated.
MANY = 500
#: After so many tests tables with so many dead rows are swept.
TESTS, DEAD = 10, 100


class Sweeper:
    """A plugin of pytest. Rows that were deleted or rolled back stay in their table, and each look at it passes over
    them: without sweeping the thousandth test takes twice as long as the first."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._tests = 0

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self) -> None:
        """Sweep after every so many tests, unless a fixture of several tests has a transaction open."""
        self._tests += 1
        if self._tests % TESTS == 0 and not connection.in_atomic_block:
            with self._blocker.unblock():
                sweep()


def sweep() -> None:
    """Vacuum what has many dead rows, as far as the statistics have heard of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > %s", [DEAD])
        tables = ", ".join(connection.ops.quote_name(row[0]) for row in cursor.fetchall())
        if tables:
            cursor.execute(f"VACUUM {tables}")


def wipe() -> None:
    """Delete every row but the installation's; foreign keys are checked at the end of it.

    Deleting is quicker than truncating as long as there are few rows, whose keys are looked up one by one.
    """
    quote = connection.ops.quote_name
    guard = _prepare(str(connection.settings_dict["NAME"]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM o2o_test_full_tables()")
        found = cursor.fetchall()
        full = [quote(table) for table, _many in found]
        if any(many for _table, many in found):
            cursor.execute(f"TRUNCATE {', '.join(full)} CASCADE")
        else:
            cursor.execute("; ".join([OPEN, *(f"DELETE FROM {table}" for table in full), guard]))
        SiteSettings.objects.create(site_id=settings.SITE_ID)
    Site.objects.clear_cache()
    cached.clear()


@cache
def _prepare(_database: str) -> str:
    """Make the function that names the tables with rows; returns the statement that shuts append-only tables again.

    A function keeps the plan of each look by itself. Looking in one statement would be planned anew each time, which
    takes longer than everything else here.
    """
    quote = connection.ops.quote_name
    looks = " ".join(
        f"PERFORM FROM {quote(table)} LIMIT 1; IF FOUND THEN PERFORM FROM {quote(table)} OFFSET {MANY} LIMIT 1;"
        f" name := '{table}'; many := FOUND; RETURN NEXT; END IF;"
        for table in sorted(set(connection.introspection.table_names()) - KEPT)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION o2o_test_full_tables() RETURNS TABLE (name text, many boolean)"
            f" LANGUAGE plpgsql AS $$ BEGIN {looks} END $$"
        )
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [GUARD])
        return str(cursor.fetchone()[0])
