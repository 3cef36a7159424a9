"""The Django app of ``official_account``."""

from django.apps import AppConfig


class OfficialAccountConfig(AppConfig):
    """公众号：关注、自动回复、菜单、带参数二维码。"""

    name = "plugins.official_account"
    label = "o2o_official_account"
    verbose_name = "公众号"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.members.interfaces import register_way

        from . import around, moving, payers, permissions
        from .services.sending import tell

        permissions.install()
        moving.install()
        around.install()
        payers.install()
        register_way("official_account", tell)
