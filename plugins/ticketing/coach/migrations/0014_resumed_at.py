"""Since when a bus that was cancelled goes after all."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A bus of a day."""

    dependencies = [("o2o_coach", "0013_stopped_by")]

    operations = [
        migrations.AddField(
            model_name="shiftday",
            name="resumed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="恢复开行"),
        ),
    ]
