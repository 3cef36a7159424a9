"""The Django app of the composition root: management commands and the plugins' receivers."""

from importlib import import_module

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Imports what the active plugins declare once every app is loaded."""

    name = "saleor_o2o"
    label = "o2o"
    verbose_name = "社区便民生活服务O2O平台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor.celeryconf import app

        from .checks import refuse_unsafe_settings
        from .composition import active
        from .kernel.events import use_dispatcher, use_plugin_gate
        from .kernel.tasks import hand_over

        refuse_unsafe_settings()
        app.task_cls = "saleor_o2o.after_commit:AfterCommitTask"
        names = {plugin.name for plugin in active()}
        use_plugin_gate(names.__contains__)
        use_dispatcher(hand_over)
        for plugin in active():
            if plugin.receivers:
                import_module(plugin.receivers)
