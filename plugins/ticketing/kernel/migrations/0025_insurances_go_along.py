from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_ticketing", "0024_agency_rates"),
    ]

    operations = [
        migrations.AddField(
            model_name="insurance",
            name="moves_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.PROTECT,
                related_name="+",
                to="o2o_ticketing.ticket",
                verbose_name="改到的票",
            ),
        ),
    ]
