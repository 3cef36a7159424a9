"""The Django app of admission."""

from django.apps import AppConfig


class AdmissionConfig(AppConfig):
    """Places, products, calendars, sessions, and the units and seats that are left."""

    name = "plugins.ticketing.admission"
    label = "o2o_admission"
    verbose_name = "景区演出"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.ticketing.kernel.choices import Trade
        from plugins.ticketing.kernel.ports import register_supplier
        from plugins.ticketing.kernel.trades import register_codes, register_text_again
        from saleor_o2o.ordering.interfaces import only_by_name

        from . import receivers  # noqa: F401 - registers its own
        from .access import install
        from .candidates import OWN
        from .codes_of_rules import CODES
        from .goods import TYPE
        from .moving import install as install_moving
        from .own import OwnInventory
        from .services.replies import install as install_replies
        from .trade import install as install_trade
        from .vouchers import receivers as vouchers_receivers  # noqa: F401 - registers them
        from .vouchers.access import install as install_vouchers
        from .vouchers.services.sending import text_again

        install()
        install_vouchers()
        install_moving()
        install_trade()
        install_replies()
        register_supplier(OWN, OwnInventory())
        for trade in (Trade.SCENIC, Trade.SHOW):
            register_text_again(trade, text_again)
            register_codes(trade, CODES)
        only_by_name(TYPE)
