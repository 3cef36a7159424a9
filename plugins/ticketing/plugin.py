"""The declaration of the plugin ``ticketing``."""

from saleor_o2o.plugin import Beat, Menu, Page, Plugin

_HERE = "plugins.ticketing.kernel"
_PAGE = "admin:o2o_ticketing_feerule"
_ADM = "admin:o2o_admission"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    apps=("plugins.ticketing.admission",),
    requires=("org_hierarchy", "members", "ordering", "cashier", "backoffice"),
    queries=("plugins.ticketing.admission.graphql.AdmissionQueries",),
    mutations=("plugins.ticketing.admission.graphql.AdmissionMutations",),
    seeds=(f"{_HERE}.seeds.seed", "plugins.ticketing.admission.seeds.seed"),
    todo=(f"{_HERE}.todo.todo",),
    menus=(
        Menu(
            "票务",
            (
                Page("退改规则", "confirmation_number", f"{_PAGE}_changelist", "ticket_fee.view"),
                Page("退改试算", "calculate", f"{_PAGE}_try_any", "ticket_fee.try"),
            ),
        ),
        Menu(
            "景区演出",
            (
                Page("票务产品", "local_activity", f"{_ADM}_admissionproduct_changelist", "admission.view"),
                Page("票类", "sell", f"{_ADM}_ticketclass_changelist", "admission.view"),
                Page("场次", "event", f"{_ADM}_session_changelist", "admission.view"),
                Page("配额", "inventory_2", f"{_ADM}_quota_changelist", "admission.view"),
                Page("工作票预留", "lock", f"{_ADM}_reserve_changelist", "admission.view"),
                Page("占用记录", "receipt_long", f"{_ADM}_taking_changelist", "admission.view"),
                Page("缺货登记", "hourglass_top", f"{_ADM}_waiting_changelist", "admission.view"),
                Page("限购规则", "front_hand", f"{_ADM}_limitrule_changelist", "admission.view"),
                Page("排队放行", "groups", f"{_ADM}_salequeue_changelist", "admission.view"),
                Page("抽签售票", "casino", f"{_ADM}_draw_changelist", "admission.view"),
                Page("景区", "landscape", f"{_ADM}_scenicspot_changelist", "admission.view"),
                Page("场馆", "stadium", f"{_ADM}_venue_changelist", "admission.view"),
                Page("厅", "meeting_room", f"{_ADM}_hall_changelist", "admission.view"),
                Page("座位图", "grid_on", f"{_ADM}_seatmap_changelist", "admission.view"),
                Page("检票口", "sensor_door", f"{_ADM}_gate_changelist", "admission.view"),
            ),
        ),
    ),
    beat={
        "admission.sweep": Beat("plugins.ticketing.admission.tasks.sweep", 60),
        "admission.serve-waiting": Beat("plugins.ticketing.admission.tasks.serve_waiting", 60),
        "admission.watch-quotas": Beat("plugins.ticketing.admission.tasks.watch_quotas", 300),
        "admission.end-sessions": Beat("plugins.ticketing.admission.tasks.end_sessions", 600),
        "ticketing.forget-quotes": Beat(f"{_HERE}.tasks.forget_quotes", 3600),
        "ticketing.expire-holds": Beat(f"{_HERE}.tasks.expire_holds", 15),
        "ticketing.sweep-calls": Beat(f"{_HERE}.tasks.sweep_calls", 30),
    },
)
