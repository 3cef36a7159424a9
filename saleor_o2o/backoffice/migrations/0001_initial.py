"""Saleor's rows under Chinese names: proxies, no tables."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("account", "0045_auto_20200427_0425"),
        ("discount", "0019_auto_20200217_0350"),
        ("order", "0083_merge_20200421_0529"),
        ("payment", "0016_auto_20200423_0314"),
        ("product", "0117_auto_20200423_0737"),
        ("warehouse", "0009_remove_invalid_allocation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[],
            options={
                "verbose_name": "订单",
                "verbose_name_plural": "订单",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("order.order",),
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[],
            options={
                "verbose_name": "支付（Saleor）",
                "verbose_name_plural": "支付（Saleor）",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("payment.payment",),
        ),
        migrations.CreateModel(
            name="Product",
            fields=[],
            options={
                "verbose_name": "商品",
                "verbose_name_plural": "商品",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("product.product",),
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[],
            options={
                "verbose_name": "库存",
                "verbose_name_plural": "库存",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("warehouse.stock",),
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[],
            options={
                "verbose_name": "交易流水",
                "verbose_name_plural": "交易流水",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("payment.transaction",),
        ),
        migrations.CreateModel(
            name="User",
            fields=[],
            options={
                "verbose_name": "用户",
                "verbose_name_plural": "用户",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("account.user",),
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[],
            options={
                "verbose_name": "优惠券",
                "verbose_name_plural": "优惠券",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("discount.voucher",),
        ),
        migrations.CreateModel(
            name="Warehouse",
            fields=[],
            options={
                "verbose_name": "仓库",
                "verbose_name_plural": "仓库",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("warehouse.warehouse",),
        ),
    ]
