"""Which unit a customer was taken in by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import saleor_o2o.kernel.clock


class Migration(migrations.Migration):
    dependencies = [
        ("o2o_org_hierarchy", "0020_staff_and_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerHome",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="o2o_home",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="顾客",
                    ),
                ),
                ("made_at", models.DateTimeField(default=saleor_o2o.kernel.clock.now, verbose_name="时间")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="建档人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="o2o_org_hierarchy.orgunit",
                        verbose_name="建档机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "顾客建档",
                "verbose_name_plural": "顾客建档",
            },
        ),
    ]
