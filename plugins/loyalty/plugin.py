"""The declaration of the plugin ``loyalty``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.loyalty"
_ADMIN = "admin:o2o_loyalty"

plugin = Plugin(
    name="loyalty",
    title="会员积分与等级",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "approvals",
        "members",
        "channels",
        "ordering",
        "cashier",
        "counter_sales",
        "after_sale",
        "backoffice",
    ),
    queries=(
        f"{_HERE}.graphql.LoyaltyQueries",
        f"{_HERE}.graphql.MemberPriceQueries",
        f"{_HERE}.graphql.CounterMemberQueries",
    ),
    mutations=(f"{_HERE}.graphql.LoyaltyMutations",),
    schema_fields=(f"{_HERE}.graphql.prices.add_fields",),
    receivers=f"{_HERE}.receivers",
    tenders=(f"{_HERE}.tenders.BALANCE",),
    on_order_written=(f"{_HERE}.deductions.written",),
    health=(f"{_HERE}.checking.purses_add_up",),
    seeds=(f"{_HERE}.seeds.seed",),
    menus=(
        Menu(
            "积分与储值",
            (
                Page("会员积分", "stars", f"{_ADMIN}_purse_changelist", "points.view"),
                Page("柜台兑扣", "redeem", f"{_ADMIN}_burn_begin", "points.burn"),
                Page("兑扣记录", "receipt_long", f"{_ADMIN}_burn_changelist", "points.view"),
                Page("会员确认", "verified_user", f"{_ADMIN}_consent_changelist", "counter_order.view"),
                Page("积分调整单", "rule", f"{_ADMIN}_adjustment_changelist", "points.view"),
                Page("积分流水", "list_alt", f"{_ADMIN}_entry_changelist", "points.view"),
                Page("积分负债", "account_balance", f"{_ADMIN}_entry_liability", "points.report"),
                Page("机构清算", "sync_alt", f"{_ADMIN}_entry_settlement", "points.report"),
                Page("储值账户", "account_balance_wallet", f"{_ADMIN}_balance_changelist", "balance.view"),
                Page("充值记录", "add_card", f"{_ADMIN}_recharge_changelist", "balance.view"),
                Page("充值套餐", "shopping_bag", f"{_ADMIN}_rechargepackage_changelist", "loyalty_rule.view"),
                Page("会员折扣", "sell", f"{_ADMIN}_memberpricerule_changelist", "loyalty_rule.view"),
                Page("会员专享价", "loyalty", f"{_ADMIN}_memberprice_changelist", "loyalty_rule.view"),
                Page("会员价优惠", "summarize", f"{_ADMIN}_memberpriceentry_changelist", "member_price.view"),
                Page("积分抵扣规则", "percent", f"{_ADMIN}_deductrule_changelist", "loyalty_rule.view"),
                Page("积分与等级期限", "hourglass", f"{_ADMIN}_loyaltyterms_changelist", "loyalty_rule.view"),
                Page("积分规则", "tune", f"{_ADMIN}_earnrule_changelist", "loyalty_rule.view"),
                Page("会员等级", "military_tech", f"{_ADMIN}_level_changelist", "loyalty_rule.view"),
                Page(
                    "积分清算价", "price_change", f"{_ADMIN}_settlementrate_changelist", "loyalty_rule.view"
                ),
            ),
        ),
    ),
    beat={
        "loyalty.expire-points": Beat(f"{_HERE}.tasks.expire_points", 3600),
        "loyalty.notice-expiring": Beat(f"{_HERE}.tasks.notice_expiring", 3600),
        "loyalty.review-levels": Beat(f"{_HERE}.tasks.review_levels", 3600),
        "loyalty.hand-over-refunds": Beat(f"{_HERE}.tasks.hand_over_refunds", 60),
        "loyalty.give-up-burns": Beat(f"{_HERE}.tasks.give_up_burns", 300),
    },
    journeys={
        "counter-member": JourneySpec(
            f"{_HERE}.journeys.counter_member.play",
            "柜台会员：注册、消费得积分、签到、凭短信验证码兑扣、办错撤销、用券开单、凭验证码用储值余额付款、退款退回余额、退货收回积分",
        ),
    },
)
