"""The Django app of ``commissions``."""

from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    """Commission plans: rules, and what they come to for one sale."""

    name = "plugins.commissions"
    label = "o2o_commissions"
    verbose_name = "佣金方案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .access import install

        install()
