"""The Django app of ``saleor_o2o.cashier``."""

from django.apps import AppConfig


class CashierConfig(AppConfig):
    """Takes money: intents, attempts, notifications, refunds; providers plug in."""

    name = "saleor_o2o.cashier"
    label = "o2o_cashier"
    verbose_name = "收银台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.compat import Stage, apply

        from . import bookkeeping  # noqa: F401 - declares adaptations
        from .services.strays import register_checks

        apply(Stage.APPS)
        register_checks()
