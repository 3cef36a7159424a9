"""The Django app of ``h5``."""

from django.apps import AppConfig


class H5Config(AppConfig):
    """The shopper's pages on the telephone."""

    name = "plugins.h5"
    label = "o2o_h5"
    verbose_name = "手机页面"
    default_auto_field = "django.db.models.BigAutoField"
