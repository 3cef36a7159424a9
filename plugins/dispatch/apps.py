"""The Django app of ``dispatch``."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    """Who delivers what was bought."""

    name = "plugins.dispatch"
    label = "o2o_dispatch"
    verbose_name = "派单"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import permissions, units

        permissions.install()
        units.install()
