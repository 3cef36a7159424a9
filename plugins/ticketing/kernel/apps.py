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

        from . import lending, moving, settlers  # noqa: F401 - settlers register when they are imported
        from .access import install
        from .around import install as install_around
        from .insurer_http import NAME, HttpInsurer
        from .insurers import register_insurer
        from .services import batches, batches_by_hand  # noqa: F401 - their actions are known to the audit
        from .services.binding import TicketHolds, register_extra
        from .services.change_paying import LINE, ChangeHolds
        from .services.goods import CHANGE_TYPES, HELD_TYPES
        from .services.insuring import Insurances

        install()
        lending.install()
        moving.install()
        install_around()
        register_holds("tickets", TicketHolds())
        register_holds(LINE, ChangeHolds())
        register_extra(Insurances())
        register_insurer(NAME, HttpInsurer())
        for slug in HELD_TYPES | CHANGE_TYPES:
            # what carriers and venues sell is no part of the shop's campaigns, unless one names it
            only_by_name(slug)
