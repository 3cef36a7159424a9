"""Orders by post say so themselves, so that nobody asks for a letter of all the others."""

from django.db import migrations

TOLD = """
UPDATE o2o_ticketing_ticketorder o SET place = o.place || '{"mail": true}'::jsonb
FROM o2o_admission_mailing m WHERE m.ticket_order_id = o.id
"""


class Migration(migrations.Migration):
    dependencies = [("o2o_admission", "0021_paper_tickets"), ("o2o_ticketing", "0019_collected")]

    operations = [migrations.RunSQL(TOLD, migrations.RunSQL.noop)]
