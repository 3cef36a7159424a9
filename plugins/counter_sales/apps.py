"""The Django app of ``counter_sales``."""

from django.apps import AppConfig


class CounterSalesConfig(AppConfig):
    """Orders made for a customer at a counter or in a micro-shop, paid in cash or by code."""

    name = "plugins.counter_sales"
    label = "o2o_counter_sales"
    verbose_name = "代客下单"
    default_auto_field = "django.db.models.BigAutoField"
