"""The declaration of the plugin ``stripe_pay``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.stripe_pay"

plugin = Plugin(
    name="stripe_pay",
    title="银行卡（Stripe）",
    app=_HERE,
    requires=("org_hierarchy", "cashier", "ordering", "backoffice"),
    hooks=f"{_HERE}.hooks",
    todo=(f"{_HERE}.todo.todo",),
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "支付",
            (
                Page(
                    "银行卡收款",
                    "credit_card",
                    "admin:o2o_stripe_pay_stripecharge_changelist",
                    "payment.view",
                ),
                Page(
                    "银行卡请款与退款", "undo", "admin:o2o_stripe_pay_stripemove_changelist", "payment.view"
                ),
            ),
        ),
    ),
    beat={"stripe_pay.settle": Beat(f"{_HERE}.tasks.settle", 15)},
    journeys={
        "pay-stripe": JourneySpec(
            f"{_HERE}.journeys.pay_stripe.play",
            "刷卡：扣款、3-D Secure、拒付、授权与部分请款、部分退款、撤销、答复丢失",
        )
    },
)
