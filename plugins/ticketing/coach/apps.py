"""The Django app of coach tickets."""

from django.apps import AppConfig


class CoachConfig(AppConfig):
    """Stations, lines, shifts, the sale of coach tickets, paper tickets, check-in."""

    name = "plugins.ticketing.coach"
    label = "o2o_coach"
    verbose_name = "汽车票"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import lending
        from .access import install

        install()
        lending.install()

        from plugins.org_hierarchy.interfaces import register_customer_erasure, register_customer_move
        from plugins.ticketing.kernel.choices import Trade
        from plugins.ticketing.kernel.papers import register_stock
        from plugins.ticketing.kernel.trades import (
            register_codes,
            register_held_again,
            register_missed,
            register_names,
            register_text_again,
            register_trade,
        )

        from .selectors.codes import CODES
        from .services.invoices import forget_customer, move_invoices
        from .services.limits import claim_again
        from .services.missing import rule_of_missed
        from .services.papers import Papers
        from .services.telling import text_again
        from .trade import CoachRules, lines_of

        register_customer_move("coach", move_invoices, "汽车票发票")
        register_customer_erasure("coach", forget_customer)
        register_trade(Trade.COACH, CoachRules())
        register_names(Trade.COACH, lines_of)
        register_codes(Trade.COACH, CODES)
        register_held_again(Trade.COACH, claim_again)
        register_stock(Papers())
        register_missed(Trade.COACH, rule_of_missed)
        register_text_again(Trade.COACH, text_again)
