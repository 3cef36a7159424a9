"""The history lets nobody change it, and the clocks that every city starts with."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations

CREATE = """
CREATE TRIGGER o2o_dispatch_entry_append_only BEFORE UPDATE OR DELETE ON o2o_dispatch_dispatchentry
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
"""
DROP = "DROP TRIGGER o2o_dispatch_entry_append_only ON o2o_dispatch_dispatchentry"

#: Minutes, in opening hours.
CLOCKS = {"grab": 15, "assign": 30, "county": 60, "accept": 15, "send": 8 * 60}


def start_clocks(apps: Any, schema_editor: Any) -> None:
    """For every business line; a rule for one line counts before these."""
    rules = apps.get_model("o2o_dispatch", "ClockRule").objects
    for clock, minutes in CLOCKS.items():
        rules.create(
            clock=clock,
            minutes=minutes,
            in_hours=True,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            note="初始规则",
        )


class Migration(migrations.Migration):
    """Creates the trigger ``o2o_dispatch_entry_append_only`` and five rules; reversible."""

    dependencies = [
        ("o2o_dispatch", "0001_initial"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(start_clocks, migrations.RunPython.noop),
    ]
