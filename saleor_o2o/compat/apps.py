"""The Django app that applies the adaptations of the second stage."""

from django.apps import AppConfig


class CompatConfig(AppConfig):
    """Adapts Saleor once all models are loaded; its checks say what was applied."""

    name = "saleor_o2o.compat"
    label = "o2o_compat"
    verbose_name = "Saleor 兼容层"

    def ready(self) -> None:
        from . import checks, second_stage  # noqa: F401
        from .registry import Stage, apply

        apply(Stage.APPS)
