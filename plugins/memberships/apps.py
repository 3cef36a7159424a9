"""The Django app of ``memberships``."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Plans, memberships that run for a time, what they are good for, and the cards that stand for them."""

    name = "plugins.memberships"
    label = "o2o_memberships"
    verbose_name = "付费会员与会员卡"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import around, moving, permissions, sources
        from .services import telling  # noqa: F401 - declares its texts

        permissions.install()
        moving.install()
        sources.install()
        around.install()
