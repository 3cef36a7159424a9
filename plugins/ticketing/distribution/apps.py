"""The Django app of distribution."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """Notices of upstream distributors, and our own distribution to channels."""

    name = "plugins.ticketing.distribution"
    label = "o2o_distribution"
    verbose_name = "门票分销"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.ticketing.admission.candidates import register_caller
        from plugins.ticketing.admission.suppliers.distributor import ADAPTER, Distributor
        from plugins.ticketing.admission.suppliers.trips import called
        from plugins.ticketing.kernel.ports import register_supplier

        from .access import install

        install()
        register_supplier(ADAPTER, Distributor())
        register_caller(ADAPTER, called)
