"""The declaration of the plugin ``ticketing``."""

from plugins.ticketing.coach import declared as coach
from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing_feerule"
_DISTRIBUTION = "plugins.ticketing.distribution"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "members",
        "ordering",
        "cashier",
        "counter_sales",
        "after_sale",
        "backoffice",
    ),
    queries=(
        f"{_HERE}.graphql.orders.TicketOrderQueries",
        f"{_HERE}.graphql.after.TicketAfterQueries",
        "plugins.ticketing.admission.graphql.AdmissionQueries",
        *coach.QUERIES,
    ),
    mutations=(
        f"{_HERE}.graphql.orders.TicketOrderMutations",
        f"{_HERE}.graphql.after.TicketAfterMutations",
        "plugins.ticketing.admission.graphql.AdmissionMutations",
        *coach.MUTATIONS,
    ),
    receivers=f"{_HERE}.receivers",
    apps=(
        "plugins.ticketing.admission",
        "plugins.ticketing.coach",
        "plugins.ticketing.coach.suppliers",
        "plugins.ticketing.distribution",
    ),
    hooks="plugins.ticketing.hooks",
    seeds=(
        f"{_HERE}.seeds.seed",
        *coach.SEEDS,
        f"{_DISTRIBUTION}.seeds.seed",
    ),
    todo=(
        f"{_HERE}.todo.todo",
        f"{_HERE}.todo.audits",
        f"{_HERE}.todo.desk",
        f"{_HERE}.todo.suppliers",
        "plugins.ticketing.coach.suppliers.todo.todo",
        f"{_DISTRIBUTION}.todo.todo",
    ),
    menus=(
        Menu(
            "票务",
            (
                Page(
                    "票务订单", "airplane_ticket", "admin:o2o_ticketing_ticketorder_changelist", "ticket.view"
                ),
                Page("出票台", "assignment_late", "admin:o2o_ticketing_desktask_changelist", "ticket.desk"),
                Page("退票单", "undo", "admin:o2o_ticketing_refundrequest_changelist", "ticket.view"),
                Page("退票统计", "monitoring", "admin:o2o_ticketing_refundrequest_report", "ticket.report"),
                Page("票务退款", "payments", "admin:o2o_ticketing_moneyback_changelist", "ticket.view"),
                Page("批量退票", "event_busy", "admin:o2o_ticketing_refundbatch_changelist", "ticket.view"),
                Page(
                    "票务供应商",
                    "hub",
                    "admin:o2o_ticketing_supplieraccount_changelist",
                    "ticket_supplier.view",
                ),
                Page(
                    "供应商调用", "swap_calls", "admin:o2o_ticketing_suppliercall_changelist", "ticket.view"
                ),
                Page("退改规则", "confirmation_number", f"{_PAGE}_changelist", "ticket_fee.view"),
                Page(
                    "客票网回调",
                    "sync",
                    "admin:o2o_coach_suppliers_networknotice_changelist",
                    "coach_station.view",
                ),
                Page(
                    "上游通知",
                    "sync",
                    "admin:o2o_distribution_suppliernotice_changelist",
                    "distribution.view",
                ),
                Page(
                    "上游订单",
                    "compare_arrows",
                    "admin:o2o_distribution_upstreamstanding_changelist",
                    "distribution.view",
                ),
                Page("退改试算", "calculate", f"{_PAGE}_try_any", "ticket_fee.try"),
            ),
        ),
    ),
    beat={
        "admission.sweep": Beat("plugins.ticketing.admission.tasks.sweep", 60),
        "admission.serve-waiting": Beat("plugins.ticketing.admission.tasks.serve_waiting", 60),
        "admission.watch-quotas": Beat("plugins.ticketing.admission.tasks.watch_quotas", 300),
        "admission.end-sessions": Beat("plugins.ticketing.admission.tasks.end_sessions", 600),
        "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
        "distribution.notices": Beat(f"{_DISTRIBUTION}.tasks.work_notices", 30),
        "distribution.poll": Beat(f"{_DISTRIBUTION}.tasks.poll_upstream", 300),
        "distribution.forget": Beat(f"{_DISTRIBUTION}.tasks.forget_refused", 86400),
        "distribution.sync": Beat(f"{_DISTRIBUTION}.tasks.sync_upstream", 6 * 3600),
        "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
        "ticketing.drive-waiting": Beat(f"{_HERE}.tasks.drive_waiting", 60),
        "ticketing.ping-suppliers": Beat(f"{_HERE}.tasks.ping_suppliers", 60),
        "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
        "ticketing.follow-refunds": Beat(f"{_HERE}.tasks.follow_refunds", 60),
        "ticketing.run-refund-batches": Beat(f"{_HERE}.tasks.run_refund_batches", 60),
        "coach.notices": Beat("plugins.ticketing.coach.suppliers.tasks.work_notices", 30),
        **coach.BEAT,
    },
)
