"""The Django app of resellers."""

from django.apps import AppConfig


class ResaleConfig(AppConfig):
    """Accounts of those who sell our tickets on; what they order, what they owe, what they are told."""

    name = "plugins.ticketing.distribution.downstream"
    label = "o2o_resale"
    verbose_name = "渠道分销"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.ticketing.kernel.guest_access import register_foreign

        from . import receivers  # noqa: F401 - registers them
        from .access import install
        from .selectors import is_resold
        from .services.ordering import install_attribution

        install()
        install_attribution()
        register_foreign(is_resold)
