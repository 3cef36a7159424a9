"""The Django app of ``loyalty``."""

from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    """Points, growth and levels of members on a double-entry ledger."""

    name = "plugins.loyalty"
    label = "o2o_loyalty"
    verbose_name = "会员积分与等级"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import approval, around, deductions, member_prices, moving, permissions, pricing, till

        permissions.install()
        moving.install()
        approval.install()
        around.install()
        deductions.install()
        pricing.install()
        member_prices.install()
        till.install()
