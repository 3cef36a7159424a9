"""The Django app of saleor_o2o.seeding."""

from django.apps import AppConfig


class SeedingConfig(AppConfig):
    """示例城市."""

    name = "saleor_o2o.seeding"
    label = "o2o_seeding"
    verbose_name = "示例城市"
    default_auto_field = "django.db.models.BigAutoField"
