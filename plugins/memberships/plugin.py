"""The declaration of the plugin ``memberships``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.memberships"
_ADMIN = "admin:o2o_memberships"

plugin = Plugin(
    name="memberships",
    title="付费会员与会员卡",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "members",
        "loyalty",
        "coupons",
        "ordering",
        "cashier",
        "counter_sales",
        "after_sale",
        "backoffice",
    ),
    queries=(f"{_HERE}.graphql.MembershipQueries",),
    mutations=(f"{_HERE}.graphql.MembershipMutations",),
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    todo=(f"{_HERE}.todo.todo",),
    menus=(
        Menu(
            "付费会员与会员卡",
            (
                Page("付费会员", "card_membership", f"{_ADMIN}_membership_changelist", "membership.view"),
                Page("核销权益", "redeem", f"{_ADMIN}_benefituse_redeem", "benefit.redeem"),
                Page("权益使用", "receipt_long", f"{_ADMIN}_benefituse_changelist", "benefit.view"),
                Page("会员收入与权益成本", "monitoring", f"{_ADMIN}_benefituse_report", "benefit.report"),
                Page(
                    "权益结算单",
                    "request_quote",
                    f"{_ADMIN}_settlementsheet_changelist",
                    "benefit_settlement.view",
                ),
                Page(
                    "会员权益",
                    "workspace_premium",
                    f"{_ADMIN}_planbenefit_changelist",
                    "membership_plan.view",
                ),
                Page("会员卡", "credit_card", f"{_ADMIN}_card_changelist", "member_card.view"),
                Page("制卡批次", "print", f"{_ADMIN}_cardbatch_changelist", "member_card.view"),
                Page("会员卡调拨", "local_shipping", f"{_ADMIN}_handout_changelist", "member_card.view"),
                Page("会员方案", "loyalty", f"{_ADMIN}_plan_changelist", "membership_plan.view"),
            ),
        ),
    ),
    beat={
        "memberships.expire-due": Beat(f"{_HERE}.tasks.expire_due", 300),
        "memberships.give-coupons": Beat(f"{_HERE}.tasks.give_coupons", 3600),
        "memberships.make-sheets": Beat(f"{_HERE}.tasks.make_sheets", 3600),
        "memberships.notice": Beat(f"{_HERE}.tasks.notice", 3600),
        "memberships.hand-over-refunds": Beat(f"{_HERE}.tasks.hand_over_refunds", 60),
    },
    journeys={
        "paid-membership": JourneySpec(
            f"{_HERE}.journeys.paid.play",
            "付费会员：网上买年卡、补差价升级、会员价和免运费结算、网点洗车、用过不能退；制卡、售卡、两部手机刮一张卡、挂失补办",
        ),
    },
)
