"""The Django app of saleor_o2o.backoffice."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """管理后台."""

    name = "saleor_o2o.backoffice"
    label = "o2o_backoffice"
    verbose_name = "管理后台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .access import install_policies

        install_policies()
