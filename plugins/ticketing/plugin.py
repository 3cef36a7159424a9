"""The declaration of the plugin ``ticketing``."""

from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing_feerule"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    requires=("org_hierarchy", "members", "ordering", "cashier", "counter_sales", "after_sale", "backoffice"),
    queries=(f"{_HERE}.graphql.orders.TicketOrderQueries", f"{_HERE}.graphql.after.TicketAfterQueries"),
    mutations=(f"{_HERE}.graphql.orders.TicketOrderMutations", f"{_HERE}.graphql.after.TicketAfterMutations"),
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    todo=(f"{_HERE}.todo.todo", f"{_HERE}.todo.audits", f"{_HERE}.todo.desk", f"{_HERE}.todo.suppliers"),
    menus=(
        Menu(
            "票务",
            (
                Page(
                    "票务订单", "airplane_ticket", "admin:o2o_ticketing_ticketorder_changelist", "ticket.view"
                ),
                Page("出票台", "assignment_late", "admin:o2o_ticketing_desktask_changelist", "ticket.desk"),
                Page("退票单", "undo", "admin:o2o_ticketing_refundrequest_changelist", "ticket.view"),
                Page("改签单", "swap_horiz", "admin:o2o_ticketing_changerequest_changelist", "ticket.view"),
                Page("退票统计", "monitoring", "admin:o2o_ticketing_refundrequest_report", "ticket.report"),
                Page("票务退款", "payments", "admin:o2o_ticketing_moneyback_changelist", "ticket.view"),
                Page(
                    "供应商对账",
                    "receipt_long",
                    "admin:o2o_ticketing_supplierstatement_changelist",
                    "ticket_supplier.view",
                ),
                Page(
                    "供应商对账汇总",
                    "summarize",
                    "admin:o2o_ticketing_supplierstatement_report",
                    "ticket_supplier.view",
                ),
                Page(
                    "保险单", "health_and_safety", "admin:o2o_ticketing_insurance_changelist", "ticket.view"
                ),
                Page(
                    "保险产品",
                    "verified_user",
                    "admin:o2o_ticketing_insuranceproduct_changelist",
                    "ticket_supplier.view",
                ),
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
                Page("退改试算", "calculate", f"{_PAGE}_try_any", "ticket_fee.try"),
            ),
        ),
    ),
    beat={
        "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
        "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
        "ticketing.drive-waiting": Beat(f"{_HERE}.tasks.drive_waiting", 60),
        "ticketing.ping-suppliers": Beat(f"{_HERE}.tasks.ping_suppliers", 60),
        "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
        "ticketing.follow-changes": Beat(f"{_HERE}.tasks.follow_changes", 60),
        "ticketing.follow-insurances": Beat(f"{_HERE}.tasks.follow_insurances", 60),
        "ticketing.follow-refunds": Beat(f"{_HERE}.tasks.follow_refunds", 60),
        "ticketing.take-statements": Beat(f"{_HERE}.tasks.take_statements", 3600),
        "ticketing.run-refund-batches": Beat(f"{_HERE}.tasks.run_refund_batches", 60),
    },
)
