"""The declaration of the plugin ``counter_sales``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_HERE = "plugins.counter_sales"
_ADMIN = "admin:o2o_counter_sales"

plugin = Plugin(
    name="counter_sales",
    title="代客下单",
    app=_HERE,
    requires=("org_hierarchy", "approvals", "members", "channels", "ordering", "cashier", "backoffice"),
    queries=(f"{_HERE}.graphql.CounterQueries",),
    mutations=(f"{_HERE}.graphql.CounterMutations",),
    pages=f"{_HERE}.urls",
    receivers=f"{_HERE}.receivers",
    health=(f"{_HERE}.checking.floats_add_up",),
    todo=(f"{_HERE}.todo.todo",),
    tenders=(f"{_HERE}.tenders.CASH", f"{_HERE}.tenders.POS"),
    seeds=(f"{_HERE}.seeds.seed", f"{_HERE}.seeds_past.seed"),
    menus=(
        Menu(
            "柜台",
            (
                Page("代客下单", "point_of_sale", f"{_ADMIN}_countersale_workbench", "counter_order.create"),
                Page("取货核销", "qr_code_scanner", f"{_ADMIN}_countersale_pickup", "counter_order.create"),
                Page("我的班次", "schedule", f"{_ADMIN}_shift_till", "counter_order.create"),
                Page("我的今日", "today", f"{_ADMIN}_countersale_day", "counter_order.create"),
                Page("柜台销售", "receipt", f"{_ADMIN}_countersale_changelist", "counter_order.view"),
                Page("退款申请", "undo", f"{_ADMIN}_refundrequest_changelist", "counter_order.view"),
                Page("班次", "work_history", f"{_ADMIN}_shift_changelist", "counter_order.view"),
                Page("缴款单", "savings", f"{_ADMIN}_remittance_changelist", "remittance.view"),
                Page("POS 收据", "credit_card", f"{_ADMIN}_posreceipt_changelist", "counter_order.view"),
                Page("台席", "desk", f"{_ADMIN}_drawer_changelist", "counter_order.shift"),
                Page("柜台规则", "tune", f"{_ADMIN}_counterrules_changelist", "counter_order.shift"),
                Page(
                    "备付金账户", "account_balance_wallet", f"{_ADMIN}_floataccount_changelist", "float.view"
                ),
                Page("备付金流水", "list_alt", f"{_ADMIN}_floatmovement_changelist", "float.view"),
                Page("备付金调整", "rule", f"{_ADMIN}_floatadjustment_changelist", "float.adjust"),
            ),
        ),
    ),
    beat={
        "counter_sales.cancel-abandoned": Beat(f"{_HERE}.tasks.cancel_abandoned", 60),
        "counter_sales.refresh-names": Beat(f"{_HERE}.tasks.refresh_names", 60),
        "counter_sales.check-floats": Beat(f"{_HERE}.tasks.check_floats", 3600),
    },
    journeys={
        "pay-mixed": JourneySpec(
            f"{_HERE}.journeys.pay_mixed.play",
            "组合支付：储值卡、现金、扫码付一单，按份额退款，失败时退回冻结",
        ),
        "counter": JourneySpec(
            f"{_HERE}.journeys.counter.play",
            "柜台卖货：现金与扫码、小票、取货、备付金不足、现金退款；店主在店主台替邻居下单",
        ),
        "counter-refund": JourneySpec(
            f"{_HERE}.journeys.refund.play",
            "超限退款：营业员申请，支局长在待办里驳回、同意，只退一次；超过区县的由片区经理二次验证后批准",
        ),
        "counter-shift": JourneySpec(
            f"{_HERE}.journeys.shift.play",
            "柜台班次：开班、现金与刷卡、盲点、短款两人确认、交班单、缴款单核对入账",
        ),
    },
)
