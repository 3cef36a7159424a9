"""The Django app of ``channels``."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Outlets, micro-shops, agents and machines through which the company sells."""

    name = "plugins.channels"
    label = "o2o_channels"
    verbose_name = "渠道"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import approval, holdings, moving, permissions, sources, units

        permissions.install()
        sources.install()
        units.install()
        approval.install()
        holdings.install()
        moving.install()
