"""The Django app of ``member_operations``."""

from django.apps import AppConfig


class MemberOperationsConfig(AppConfig):
    """Segments of members, campaigns to them, and reports."""

    name = "plugins.member_operations"
    label = "o2o_member_operations"
    verbose_name = "会员运营"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import approval, moving, permissions, texts

        permissions.install()
        approval.install()
        moving.install()
        texts.install()
