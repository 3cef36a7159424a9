"""The Django app of ``points_mall``."""

from django.apps import AppConfig


class PointsMallConfig(AppConfig):
    """Goods for points, or for points and yuan; ordered like all others."""

    name = "plugins.points_mall"
    label = "o2o_points_mall"
    verbose_name = "积分商城"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import moving, permissions, source

        permissions.install()
        moving.install()
        source.install()
