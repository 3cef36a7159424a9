"""The declaration of the plugin ``ticketing``."""

from plugins.ticketing.admission.vouchers import declared as vouchers
from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing_feerule"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    apps=("plugins.ticketing.admission",),
    requires=("org_hierarchy", "members", "ordering", "cashier", "counter_sales", "after_sale", "backoffice"),
    queries=("plugins.ticketing.admission.graphql.AdmissionQueries", *vouchers.QUERIES),
    mutations=("plugins.ticketing.admission.graphql.AdmissionMutations", *vouchers.MUTATIONS),
    hooks="plugins.ticketing.hooks",
    pages="plugins.ticketing.pages",
    receivers=f"{_HERE}.receivers",
    seeds=(f"{_HERE}.seeds.seed",),
    todo=(f"{_HERE}.todo.todo", *vouchers.TODO),
    menus=(
        Menu(
            "票务",
            (
                Page("退改规则", "confirmation_number", f"{_PAGE}_changelist", "ticket_fee.view"),
                Page("退改试算", "calculate", f"{_PAGE}_try_any", "ticket_fee.try"),
            ),
        ),
        Menu("验票核销", vouchers.PAGES),
    ),
    beat={
        **vouchers.BEAT,
        "admission.sweep": Beat("plugins.ticketing.admission.tasks.sweep", 60),
        "admission.serve-waiting": Beat("plugins.ticketing.admission.tasks.serve_waiting", 60),
        "admission.watch-quotas": Beat("plugins.ticketing.admission.tasks.watch_quotas", 300),
        "admission.end-sessions": Beat("plugins.ticketing.admission.tasks.end_sessions", 600),
        "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
        "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
        "ticketing.drive-waiting": Beat(f"{_HERE}.tasks.drive_waiting", 60),
        "ticketing.ping-suppliers": Beat(f"{_HERE}.tasks.ping_suppliers", 60),
        "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
        "ticketing.follow-refunds": Beat(f"{_HERE}.tasks.follow_refunds", 60),
        "ticketing.run-refund-batches": Beat(f"{_HERE}.tasks.run_refund_batches", 60),
    },
)
