"""The Django app of the ticketing kernel."""

from django.apps import AppConfig


class TicketingConfig(AppConfig):
    """Fee rules and their quotes; ticket orders from the hold to the ticket."""

    name = "plugins.ticketing.kernel"
    label = "o2o_ticketing"
    verbose_name = "票务"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import settlers  # noqa: F401 - whoever settles calls registers
        from .access import install

        install()
