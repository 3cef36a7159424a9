"""Which networks' lists said of a bus that it does not go."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

from saleor_o2o.kernel.clock import today


def fill(apps, _editor):
    """As the networks say now, of buses that have not left."""
    offers = apps.get_model("o2o_coach", "ShiftOffer")
    days = apps.get_model("o2o_coach", "ShiftDay")
    said = offers.objects.filter(
        state="cancelled", shift_day__state="cancelled", shift_day__day__gte=today()
    ).order_by("shift_day")
    found: dict[int, set[str]] = {}
    for day, adapter in said.values_list("shift_day", "supplier__adapter"):
        found.setdefault(day, set()).add(adapter)
    for day, adapters in found.items():
        days.objects.filter(pk=day).update(stopped_by=sorted(adapters))


class Migration(migrations.Migration):
    """A bus of a day."""

    dependencies = [("o2o_coach", "0012_pick_more")]

    operations = [
        migrations.AddField(
            model_name="shiftday",
            name="stopped_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
