"""The Django app of the ticketing kernel."""

from django.apps import AppConfig


class TicketingConfig(AppConfig):
    """Fee rules and their quotes; ticket orders from the hold to the ticket."""

    name = "plugins.ticketing.kernel"
    label = "o2o_ticketing"
    verbose_name = "票务"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from saleor_o2o.ordering.interfaces import only_by_name, register_holds

        from . import settlers  # noqa: F401 - whoever settles calls registers
        from .access import install
        from .around import install as install_around
        from .services.binding import TicketHolds
        from .services.goods import HELD_TYPES

        install()
        install_around()
        register_holds("tickets", TicketHolds())
        for slug in HELD_TYPES:
            # what carriers and venues sell is no part of the shop's campaigns, unless one names it
            only_by_name(slug)
