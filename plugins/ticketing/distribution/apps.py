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
        from plugins.ticketing.admission.suppliers.distributor import ADAPTER, Distributor, resend
        from plugins.ticketing.admission.suppliers.trips import called
        from plugins.ticketing.admission.vouchers.services.sending import register_resend
        from plugins.ticketing.kernel.ports import register_supplier
        from plugins.ticketing.kernel.services.notices import NoticeSource, register_notices

        from .access import install
        from .choices import NoticeKind
        from .upstream.working import work

        install()
        register_supplier(ADAPTER, Distributor())
        register_notices(ADAPTER, NoticeSource("门票分销商", dict(NoticeKind.choices), work))
        register_caller(ADAPTER, called)
        register_resend(ADAPTER, resend)
