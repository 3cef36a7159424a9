"""The Django app of saleor_o2o.ordering."""

from django.apps import AppConfig


class OrderingConfig(AppConfig):
    """下单."""

    name = "saleor_o2o.ordering"
    label = "o2o_ordering"
    verbose_name = "下单"
    default_auto_field = "django.db.models.BigAutoField"
