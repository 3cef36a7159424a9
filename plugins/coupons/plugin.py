"""The declaration of the plugin ``coupons``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.coupons"
_ADMIN = "admin:o2o_coupons"

plugin = Plugin(
    name="coupons",
    title="优惠券",
    app=_HERE,
    requires=("org_hierarchy", "members", "channels", "ordering", "after_sale", "backoffice"),
    queries=(f"{_HERE}.graphql.CouponQueries",),
    mutations=(f"{_HERE}.graphql.CouponMutations",),
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "优惠券",
            (
                Page("优惠券模板", "local_activity", f"{_ADMIN}_coupontemplate_changelist", "coupon.view"),
                Page("发放活动", "campaign", f"{_ADMIN}_coupongiving_changelist", "coupon.view"),
                Page("已发优惠券", "confirmation_number", f"{_ADMIN}_coupon_changelist", "coupon.view"),
                Page("批量发券", "upload_file", f"{_ADMIN}_coupon_import", "coupon.give"),
                Page("优惠券核销报表", "monitoring", f"{_ADMIN}_coupontemplate_report", "coupon.view"),
            ),
        ),
    ),
    beat={
        "coupons.expire-due": Beat(f"{_HERE}.tasks.expire_due", 300),
        "coupons.congratulate": Beat(f"{_HERE}.tasks.congratulate", 3600),
    },
    journeys={
        "coupon-race": JourneySpec(
            f"{_HERE}.journeys.race.play",
            "优惠券：两部手机用同一张券下单，只有一张订单得到它，另一部得到说明、不用券买成；取消后券退回",
        ),
    },
)
