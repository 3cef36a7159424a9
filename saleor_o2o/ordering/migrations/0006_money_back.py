"""How many pieces of a line went back with their money, before and after they had left."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("o2o_ordering", "0005_amounts_begin_at_nothing")]

    operations = [
        migrations.AddField(
            "suborderline", "withdrawn", models.PositiveIntegerField("退款未发数量", default=0)
        ),
        migrations.AddField(
            "suborderline", "returned", models.PositiveIntegerField("退款已发数量", default=0)
        ),
        migrations.AddConstraint(
            "suborderline",
            models.CheckConstraint(
                condition=Q(quantity__gte=F("withdrawn") + F("returned")), name="o2o_sub_order_line_back"
            ),
        ),
    ]
