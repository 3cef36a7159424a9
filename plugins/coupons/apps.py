"""The Django app of ``coupons``."""

from django.apps import AppConfig


class CouponsConfig(AppConfig):
    """Coupons: given, chosen in the checkout, used once, borne by whom the template says."""

    name = "plugins.coupons"
    label = "o2o_coupons"
    verbose_name = "优惠券"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import around, moving, numbers, permissions, source  # noqa: F401 - numbers declares its kind

        permissions.install()
        moving.install()
        source.install()
        around.install()
