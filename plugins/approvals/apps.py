"""The Django app of ``approvals``."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Submit, approve level by level, reject, supplement, withdraw, escalate: one flow for every matter."""

    name = "plugins.approvals"
    label = "o2o_approvals"
    verbose_name = "审批"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import holdings, permissions
        from .services import escalating  # noqa: F401 - pages call its audit lines by their words

        permissions.install()
        holdings.install()
