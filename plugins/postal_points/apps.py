"""The Django app of ``postal_points``."""

from django.apps import AppConfig


class PostalPointsConfig(AppConfig):
    """Points that members get for services of the post."""

    name = "plugins.postal_points"
    label = "o2o_postal_points"
    verbose_name = "邮政业务积分"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import approval, moving, permissions

        permissions.install()
        approval.install()
        moving.install()
