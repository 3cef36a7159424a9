"""The kernel's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing"

QUERIES = (f"{_HERE}.graphql.orders.TicketOrderQueries", f"{_HERE}.graphql.after.TicketAfterQueries")
MUTATIONS = (f"{_HERE}.graphql.orders.TicketOrderMutations", f"{_HERE}.graphql.after.TicketAfterMutations")
SEEDS = (f"{_HERE}.seeds.seed",)
WAITING = tuple(
    f"{_HERE}.todo.{name}"
    for name in ("todo", "audits", "replies", "batches", "desk", "suppliers", "deposits", "notices", "rates")
)
PAGES = (
    Page("票务订单", "airplane_ticket", f"{_PAGE}_ticketorder_changelist", "ticket.view"),
    Page("出票台", "assignment_late", f"{_PAGE}_desktask_changelist", "ticket.desk"),
    Page("退票单", "undo", f"{_PAGE}_refundrequest_changelist", "ticket.view"),
    Page("改签单", "swap_horiz", f"{_PAGE}_changerequest_changelist", "ticket.view"),
    Page("商家退票答复", "quickreply", f"{_PAGE}_refundreply_changelist", "refund_reply.view"),
    Page("退票统计", "monitoring", f"{_PAGE}_refundrequest_report", "ticket.report"),
    Page("票务退款", "payments", f"{_PAGE}_moneyback_changelist", "ticket.view"),
    Page("供应商对账", "receipt_long", f"{_PAGE}_supplierstatement_changelist", "ticket_supplier.view"),
    Page("供应商对账汇总", "summarize", f"{_PAGE}_supplierstatement_report", "ticket_supplier.view"),
    Page("代理费率", "percent", f"{_PAGE}_agencyrate_changelist", "ticket_supplier.view"),
    Page("代理费统计", "query_stats", f"{_PAGE}_agencyrate_report", "ticket.report"),
    Page("保险单", "health_and_safety", f"{_PAGE}_insurance_changelist", "ticket.view"),
    Page("保险产品", "verified_user", f"{_PAGE}_insuranceproduct_changelist", "ticket_supplier.view"),
    Page("批量退票", "event_busy", f"{_PAGE}_refundbatch_changelist", "ticket.view"),
    Page("票务供应商", "hub", f"{_PAGE}_supplieraccount_changelist", "ticket_supplier.view"),
    Page("供应商通知", "sync", f"{_PAGE}_suppliernotice_changelist", "ticket_supplier.view"),
    Page("供应商调用", "swap_calls", f"{_PAGE}_suppliercall_changelist", "ticket.view"),
    Page("退改规则", "confirmation_number", f"{_PAGE}_feerule_changelist", "ticket_fee.view"),
    Page("退改试算", "calculate", f"{_PAGE}_feerule_try_any", "ticket_fee.try"),
)
BEAT = {
    "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
    "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
    "ticketing.drive-waiting": Beat(f"{_HERE}.tasks.drive_waiting", 60),
    "ticketing.ping-suppliers": Beat(f"{_HERE}.tasks.ping_suppliers", 60),
    "ticketing.ask-deposits": Beat(f"{_HERE}.tasks.ask_deposits", 600),
    "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
    "ticketing.follow-changes": Beat(f"{_HERE}.tasks.follow_changes", 60),
    "ticketing.follow-insurances": Beat(f"{_HERE}.tasks.follow_insurances", 60),
    "ticketing.follow-refunds": Beat(f"{_HERE}.tasks.follow_refunds", 60),
    "ticketing.notices": Beat(f"{_HERE}.tasks.work_notices", 30),
    "ticketing.forget-notices": Beat(f"{_HERE}.tasks.forget_notices", 86400),
    "ticketing.take-statements": Beat(f"{_HERE}.tasks.take_statements", 3600),
    "ticketing.void-left": Beat(f"{_HERE}.tasks.void_left", 600),
    "ticketing.run-refund-batches": Beat(f"{_HERE}.tasks.run_refund_batches", 60),
}
