"""Notices of distributors move to the kernel's, which all suppliers share."""

from django.db import migrations

MOVE = """
INSERT INTO o2o_ticketing_suppliernotice
  (adapter, number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at)
SELECT 'distributor', number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at
FROM o2o_distribution_suppliernotice ORDER BY id
"""
BACK = """
INSERT INTO o2o_distribution_suppliernotice
  (number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at)
SELECT number, kind, subject, body, state, why, copies, tries, next_at, received_at, done_at
FROM o2o_ticketing_suppliernotice WHERE adapter = 'distributor' ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("o2o_distribution", "0001_upstream"), ("o2o_ticketing", "0014_supplier_notices")]

    operations = [
        # what is encrypted stays as it is: the text is not bound to its table
        migrations.RunSQL(MOVE, BACK),
        migrations.DeleteModel("SupplierNotice"),
    ]
