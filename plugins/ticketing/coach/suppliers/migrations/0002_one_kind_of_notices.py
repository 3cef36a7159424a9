"""Call-backs of coach networks move to the kernel's notices, which all suppliers share."""

from django.db import migrations

MOVE = """
INSERT INTO o2o_ticketing_suppliernotice
  (adapter, number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at)
SELECT adapter, number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at
FROM o2o_coach_suppliers_networknotice ORDER BY id
"""
BACK = """
INSERT INTO o2o_coach_suppliers_networknotice
  (adapter, number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at)
SELECT adapter, number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at
FROM o2o_ticketing_suppliernotice WHERE adapter IN ('coach_province', 'coach_fangbian') ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("o2o_coach_suppliers", "0001_notices"), ("o2o_ticketing", "0014_supplier_notices")]

    operations = [
        # what is encrypted stays as it is: the text is not bound to its table
        migrations.RunSQL(MOVE, BACK),
        migrations.DeleteModel("NetworkNotice"),
    ]
