"""The Django app of ``counter_sales``."""

from django.apps import AppConfig


class CounterSalesConfig(AppConfig):
    """Orders made for a customer at a counter or in a micro-shop, paid in cash or by code."""

    name = "plugins.counter_sales"
    label = "o2o_counter_sales"
    verbose_name = "代客下单"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.channels.interfaces import register_owner_page
        from plugins.members.interfaces import register_text
        from saleor_o2o.cashier.interfaces import register_wait
        from saleor_o2o.ordering.interfaces import register_pickup_codes, register_pickup_places

        from . import (  # noqa: F401 - pages know the words of checking
            approval,
            blockers,
            checking,
            moving,
            paying_out,
            permissions,
            places,
        )
        from .selectors.fetching import pickup_place
        from .selectors.sales import awaits_money, pickup_code
        from .services.pay_links import TEXT_TITLES, TEXTS

        permissions.install()
        places.install()
        blockers.install()
        approval.install()
        paying_out.install()
        moving.install()
        register_wait(awaits_money)
        register_pickup_codes("counter_sales", pickup_code)
        register_pickup_places("counter_sales", pickup_place)
        register_owner_page("o2o-counter-shop")
        for template, text in TEXTS.items():
            register_text(template, text, TEXT_TITLES[template])
