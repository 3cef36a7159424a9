"""The declaration of the plugin ``points_mall``."""

from saleor_o2o.plugin import JourneySpec, Menu, Page, Plugin

_HERE = "plugins.points_mall"
_ADMIN = "admin:o2o_points_mall"

plugin = Plugin(
    name="points_mall",
    title="积分商城",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "members",
        "loyalty",
        "coupons",
        "ordering",
        "cashier",
        "after_sale",
        "backoffice",
    ),
    queries=(f"{_HERE}.graphql.MallQueries",),
    mutations=(f"{_HERE}.graphql.MallMutations",),
    receivers=f"{_HERE}.receivers",
    on_order_written=(f"{_HERE}.services.exchanging.written",),
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "积分与储值",
            (
                Page("兑换商品", "redeem", f"{_ADMIN}_malloffer_changelist", "points_mall.view"),
                Page(
                    "兑换优惠券", "confirmation_number", f"{_ADMIN}_couponswap_changelist", "points_mall.view"
                ),
                Page("兑换记录", "receipt_long", f"{_ADMIN}_exchange_changelist", "points_mall.view"),
            ),
        ),
    ),
    journeys={
        "points-mall": JourneySpec(
            f"{_HERE}.journeys.mall.play",
            "积分商城：纯积分兑换、发货、收货；超过限兑、积分不足有说明；最后一件两部手机只兑到一件；取消退回积分；积分换券",
        ),
    },
)
