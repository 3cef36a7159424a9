from django.db import migrations, models

import saleor_o2o.kernel.clock
import saleor_o2o.kernel.crypto


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="NetworkNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("adapter", models.CharField(max_length=40, verbose_name="客票网")),
                ("number", models.CharField(blank=True, default="", max_length=64, verbose_name="回调号")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("locked", "锁票"),
                            ("released", "锁票已释放"),
                            ("issued", "出票结果"),
                            ("refunded", "退票结果"),
                            ("changed", "改签结果"),
                            ("bus_cancelled", "班次停班"),
                            ("bus_moved", "班次变更"),
                            ("checked", "检票"),
                        ],
                        max_length=14,
                        verbose_name="内容",
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=64, verbose_name="关于")),
                ("body", saleor_o2o.kernel.crypto.EncryptedTextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待处理"),
                            ("done", "已处理"),
                            ("refused", "未通过验证"),
                            ("stuck", "处理失败"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("copies", models.PositiveIntegerField(default=1, verbose_name="收到次数")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="处理次数")),
                (
                    "next_at",
                    models.DateTimeField(
                        blank=True, default=saleor_o2o.kernel.clock.now, null=True, verbose_name="下次处理"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(default=saleor_o2o.kernel.clock.now, verbose_name="收到时间"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="处理时间")),
            ],
            options={
                "verbose_name": "客票网回调",
                "verbose_name_plural": "客票网回调",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_at"],
                        name="o2o_coach_notice_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("adapter", "number"),
                        name="o2o_coach_notice_once",
                    )
                ],
            },
        ),
    ]
