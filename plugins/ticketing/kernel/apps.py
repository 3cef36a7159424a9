"""The Django app of the ticketing kernel."""

from django.apps import AppConfig


class TicketingConfig(AppConfig):
    """Fee rules and their quotes."""

    name = "plugins.ticketing.kernel"
    label = "o2o_ticketing"
    verbose_name = "票务"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .access import install
        from .around import install as install_around

        install()
        install_around()
