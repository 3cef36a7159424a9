"""A passenger whose party has a number for each ticket is found by his own; what a person took back stays so."""

from __future__ import annotations

import json
from datetime import timedelta

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index


def fill(apps, _editor):
    """Write the indexes of what is issued and has not left yet, and has several numbers; in small steps."""
    trips = apps.get_model("o2o_coach", "CoachTrip")
    waiting = trips.objects.filter(
        ticket_order__state="issued", ticket_order__starts_at__gt=now() - timedelta(days=2)
    ).select_related("ticket_order")
    for trip in waiting.order_by("pk").iterator(chunk_size=500):
        indexes = [blind_index(one, "coach.pick") for one in _numbers(trip.ticket_order.pick_code)][:30]
        if len(indexes) > 1:
            trips.objects.filter(pk=trip.pk).update(pick_index=indexes[0], pick_more=indexes[1:])


def _numbers(told):
    try:
        read = json.loads(told) if told else {}
    except ValueError:
        return []
    told = str(read.get("number") or "") if isinstance(read, dict) else ""
    found = ["".join(one.split()).upper()[:40] for one in told.split("、")]
    return list(dict.fromkeys(one for one in found if one))


class Migration(migrations.Migration):
    """Further pick-up numbers of a trip; a word of matches."""

    dependencies = [("o2o_coach", "0011_gate_keys")]

    operations = [
        migrations.AddField(
            model_name="coachtrip",
            name="pick_more",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="coachtrip",
            index=django.contrib.postgres.indexes.GinIndex(fields=["pick_more"], name="o2o_coach_trip_more"),
        ),
        migrations.AlterField(
            model_name="supplierstation",
            name="matched_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "未匹配"),
                    ("system", "名称完全一致"),
                    ("person", "人工确认"),
                    ("refused", "人工取消"),
                ],
                default="",
                max_length=8,
                verbose_name="匹配",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
