"""Slips of parts go into the one book of card slips."""

from django.db import migrations
from django.utils import timezone


def copy(apps, schema_editor):
    """Write each slip of a part as a receipt; its terminal was not asked for."""
    receipts = apps.get_model("o2o_counter_sales", "PosReceipt")
    parts = apps.get_model("o2o_cashier", "PaymentPart")
    for slip in apps.get_model("o2o_counter_sales", "PosSlip").objects.order_by("pk"):
        part = parts.objects.select_related("intent").get(number=slip.part_number)
        receipts.objects.create(
            number=slip.part_number,
            kind="taken",
            sale_id=slip.sale_id,
            payment_id=part.intent.payment_id,
            part_number=slip.part_number,
            terminal="",
            slip=slip.number,
            day=timezone.localdate(slip.at),
            amount=slip.amount,
            operator_id=slip.operator_id,
            at=slip.at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_cashier", "0006_accounts_and_sub_trades"),
        ("o2o_counter_sales", "0004_shifts"),
    ]

    operations = [
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.DeleteModel("PosSlip"),
    ]
