"""The Django app of ``service_map``."""

from django.apps import AppConfig


class ServiceMapConfig(AppConfig):
    """Places, communities, nearest outlets and serving branches."""

    name = "plugins.service_map"
    label = "o2o_service_map"
    verbose_name = "地图"
    default_auto_field = "django.db.models.BigAutoField"
