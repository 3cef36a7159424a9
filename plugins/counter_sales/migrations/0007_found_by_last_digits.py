"""Sales are found by the last four digits of the telephone number."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from saleor_o2o.kernel.crypto import blind_index


def fill(apps: Any, _editor: Any) -> None:
    """Sales of before get their index; the numbers are encrypted, so one by one."""
    sales = apps.get_model("o2o_counter_sales", "CounterSale").objects
    changed = []
    for sale in sales.exclude(phone_index="").only("phone").iterator(chunk_size=500):
        sale.tail_index = blind_index(sale.phone[-4:], "counter_sales.phone_tail")
        changed.append(sale)
        if len(changed) == 500:
            sales.bulk_update(changed, ["tail_index"])
            changed = []
    sales.bulk_update(changed, ["tail_index"])


class Migration(migrations.Migration):
    dependencies = [("o2o_counter_sales", "0006_refund_requests")]

    operations = [
        migrations.AddField(
            model_name="countersale",
            name="tail_index",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
