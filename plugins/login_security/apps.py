"""The Django app of ``login_security``."""

from django.apps import AppConfig


class LoginSecurityConfig(AppConfig):
    """Lock-out, second factor, idle accounts, password rules, login history, log out everywhere."""

    name = "plugins.login_security"
    label = "o2o_login_security"
    verbose_name = "登录安全"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.org_hierarchy.interfaces import register_login_facts

        from .facts import login_facts
        from .permissions import install

        install()
        register_login_facts("login_security", login_facts)
