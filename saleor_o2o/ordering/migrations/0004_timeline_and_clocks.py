"""The timeline lets nobody change it, and the clocks that every city starts with."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations

CREATE = """
CREATE TRIGGER o2o_timeline_append_only BEFORE UPDATE OR DELETE ON o2o_ordering_ordertimeline
    FOR EACH ROW EXECUTE FUNCTION o2o_kernel_refuse_change();
"""
DROP = "DROP TRIGGER o2o_timeline_append_only ON o2o_ordering_ordertimeline"

DAY = 24 * 60
#: How long to pay is the cashier's setting until a rule says otherwise.
CLOCKS = {"receive": 10 * DAY, "after_sale": 7 * DAY, "review": 15 * DAY, "complaint": 15 * DAY}


def start_clocks(apps: Any, schema_editor: Any) -> None:
    """For every business line; a rule for one line counts before these."""
    rules = apps.get_model("o2o_ordering", "TimerRule").objects
    for kind, minutes in CLOCKS.items():
        rules.create(kind=kind, minutes=minutes, valid_from=datetime(2026, 1, 1, tzinfo=UTC), note="初始规则")


class Migration(migrations.Migration):
    """Creates the trigger ``o2o_timeline_append_only`` and four rules; reversible."""

    dependencies = [
        ("o2o_ordering", "0003_order_core"),
        ("o2o_kernel", "0002_audit_append_only"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(start_clocks, migrations.RunPython.noop),
    ]
