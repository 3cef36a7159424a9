"""The Django app of Stripe."""

from django.apps import AppConfig


class StripePayConfig(AppConfig):
    """银行卡：Saleor 自带的 Stripe 网关，加上我方编号、3-D Secure 与查询。"""

    name = "plugins.stripe_pay"
    label = "o2o_stripe_pay"
    verbose_name = "银行卡（Stripe）"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from plugins.org_hierarchy.interfaces import scoped
        from saleor_o2o.cashier.interfaces import register_news, register_wait
        from saleor_o2o.compat import Stage, apply
        from saleor_o2o.ordering.interfaces import settle_with

        from . import bookkeeping, models, news, wire  # noqa: F401 - bookkeeping declares an adaptation
        from .configuration import GATEWAY
        from .selectors import awaits_capture
        from .services.settling import settle_payment

        apply(Stage.APPS)
        wire.install()
        settle_with(GATEWAY, settle_payment)
        register_news(GATEWAY, news.read, self.verbose_name)
        register_wait(awaits_capture)
        order = "payment__order__o2o_attribution"
        scoped(models.StripeCharge, "payment", unit=f"{order}__unit", owner=f"{order}__operator_id")
        scoped(
            models.StripeMove, "payment", unit=f"charge__{order}__unit", owner=f"charge__{order}__operator_id"
        )
