"""The Django app of ``members``."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members: identities, logins, codes by text message."""

    name = "plugins.members"
    label = "o2o_members"
    verbose_name = "会员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.login_security.interfaces import use_shopper_logins

        from . import attribution, checks, closing_blockers, moving, permissions  # noqa: F401 - registers
        from .tokens import MemberLogins

        permissions.install()
        attribution.install()
        moving.install()
        closing_blockers.install()
        use_shopper_logins(MemberLogins())
