"""Trips of the coming days are found by their pick-up number, as those issued from now on."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import migrations

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index


def fill(apps, _editor):
    """Write the index of what is issued and has not left yet; in small steps, as nobody waits for it."""
    trips = apps.get_model("o2o_coach", "CoachTrip")
    waiting = trips.objects.filter(
        pick_index="", ticket_order__state="issued", ticket_order__starts_at__gt=now() - timedelta(days=2)
    ).select_related("ticket_order")
    for trip in waiting.order_by("pk").iterator(chunk_size=500):
        number = _number(trip.ticket_order.pick_code)
        if number:
            trips.objects.filter(pk=trip.pk).update(pick_index=blind_index(number, "coach.pick"))


def _number(told):
    try:
        read = json.loads(told) if told else {}
    except ValueError:
        read = {"code": told}
    if not isinstance(read, dict):
        read = {"code": str(told)}
    return "".join(str(read.get("number") or read.get("code") or "").split()).upper()[:40]


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("o2o_coach", "0004_receptions")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
