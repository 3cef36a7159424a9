"""The Django app of ``service_map``."""

from django.apps import AppConfig


class ServiceMapConfig(AppConfig):
    """Places, communities, nearest outlets and serving branches."""

    name = "plugins.service_map"
    label = "o2o_service_map"
    verbose_name = "地图"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .attribution import install as attribute_orders
        from .overlaps import install as check_areas
        from .permissions import install as declare_permissions

        declare_permissions()
        attribute_orders()
        check_areas()
