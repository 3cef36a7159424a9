"""The Django app of ``login_security``."""

from django.apps import AppConfig


class LoginSecurityConfig(AppConfig):
    """Lock-out, second factor, idle accounts, password rules, login history, log out everywhere."""

    name = "plugins.login_security"
    label = "o2o_login_security"
    verbose_name = "登录安全"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .permissions import install

        install()
