"""The Django app of the coach networks' adapters."""

from django.apps import AppConfig


class CoachSuppliersConfig(AppConfig):
    """Adapters of the two networks, and what they tell by themselves."""

    name = "plugins.ticketing.coach.suppliers"
    label = "o2o_coach_suppliers"
    verbose_name = "汽车客票网"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.org_hierarchy.interfaces import scoped
        from plugins.ticketing.kernel.ports import register_supplier

        from ..ports import register_source
        from . import fangbian, province
        from .models import NetworkNotice

        scoped(NetworkNotice, "coach_station", city_wide=True)
        for name, adapter in (
            (province.ADAPTER, province.Province()),
            (fangbian.ADAPTER, fangbian.Fangbian()),
        ):
            register_supplier(name, adapter)
            register_source(name, adapter)
