from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_ticketing", "0014_supplier_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticketorder",
            name="instead_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=models.PROTECT,
                related_name="held_instead",
                to="o2o_ticketing.ticketorder",
                verbose_name="改签自",
            ),
        ),
        migrations.AddIndex(
            model_name="ticketorder",
            index=models.Index(
                fields=["instead_of"], condition=Q(instead_of__isnull=False), name="o2o_ticketing_instead"
            ),
        ),
    ]
