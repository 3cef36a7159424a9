"""The Django app of ``after_sale``."""

from django.apps import AppConfig


class AfterSaleConfig(AppConfig):
    """Money back, goods back, complaints."""

    name = "plugins.after_sale"
    label = "o2o_after_sale"
    verbose_name = "售后"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.cashier.interfaces import register_table

        from . import approval, around, moving, permissions, selectors
        from .reasons import reasons

        permissions.install()
        approval.install()
        selectors.install()
        moving.install()
        around.install()
        register_table("after_sale.reasons", 5, reasons)
