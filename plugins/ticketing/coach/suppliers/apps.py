"""The Django app of the coach networks' adapters."""

from django.apps import AppConfig


class CoachSuppliersConfig(AppConfig):
    """Adapters of the two networks, and what they tell by themselves."""

    name = "plugins.ticketing.coach.suppliers"
    label = "o2o_coach_suppliers"
    verbose_name = "汽车客票网"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.ticketing.kernel.ports import register_supplier
        from plugins.ticketing.kernel.services.notices import NoticeSource, register_notices

        from ..ports import register_source
        from . import fangbian, province
        from .told import NoticeKind
        from .working import work

        for name, adapter, label in (
            (province.ADAPTER, province.Province(), "省网"),
            (fangbian.ADAPTER, fangbian.Fangbian(), "方便出行"),
        ):
            register_supplier(name, adapter)
            register_source(name, adapter)
            register_notices(name, NoticeSource(label, dict(NoticeKind.choices), work))
