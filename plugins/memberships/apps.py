"""The Django app of ``memberships``."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Plans, memberships that run for a time, what they are good for, and the cards that stand for them."""

    name = "plugins.memberships"
    label = "o2o_memberships"
    verbose_name = "付费会员与会员卡"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.loyalty.interfaces import leave_out, register_boost, register_offers
        from plugins.members.interfaces import register_precedence
        from saleor_o2o.ordering.interfaces import only_by_name

        from . import around, moving, permissions, prices, sources
        from .services import telling  # noqa: F401 - declares its texts
        from .services.plans import CARD_TYPE, TYPE
        from .support import served_first

        permissions.install()
        moving.install()
        sources.install()
        around.install()
        register_offers("memberships", prices.offers)
        register_precedence("memberships", served_first)
        register_boost("memberships", prices.points_percent)
        for slug in (TYPE, CARD_TYPE):
            leave_out(slug)
            only_by_name(slug)
