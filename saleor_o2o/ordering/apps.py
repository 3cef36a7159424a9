"""The Django app of ``saleor_o2o.ordering``."""

from django.apps import AppConfig


class OrderingConfig(AppConfig):
    """Places orders: lock, allocate, order, pay. Puts the lock in front of stock Saleor's allocation."""

    name = "saleor_o2o.ordering"
    label = "o2o_ordering"
    verbose_name = "订单"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.cashier.interfaces import release_on_close
        from saleor_o2o.compat import Stage, apply

        from . import allocation  # noqa: F401 - declares an adaptation
        from .deductions import recalculating  # noqa: F401 - likewise
        from .services.finishing import give_back
        from .services.strays import register_checks

        apply(Stage.APPS)
        release_on_close(give_back)
        register_checks()
