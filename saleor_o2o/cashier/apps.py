"""The Django app of saleor_o2o.cashier."""

from django.apps import AppConfig


class CashierConfig(AppConfig):
    """收银台."""

    name = "saleor_o2o.cashier"
    label = "o2o_cashier"
    verbose_name = "收银台"
    default_auto_field = "django.db.models.BigAutoField"
