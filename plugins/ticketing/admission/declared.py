"""Admission's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, Page

_HERE = "plugins.ticketing.admission"
_PAGE = "admin:o2o_admission"

APPS = (_HERE,)
QUERIES = (f"{_HERE}.graphql.AdmissionQueries",)
MUTATIONS = (f"{_HERE}.graphql.AdmissionMutations",)
SEEDS = (f"{_HERE}.seeds.seed",)
PAGES = (
    Page("票务产品", "local_activity", f"{_PAGE}_admissionproduct_changelist", "admission.view"),
    Page("票类", "sell", f"{_PAGE}_ticketclass_changelist", "admission.view"),
    Page("场次", "event", f"{_PAGE}_session_changelist", "admission.view"),
    Page("配额", "inventory_2", f"{_PAGE}_quota_changelist", "admission.view"),
    Page("工作票预留", "lock", f"{_PAGE}_reserve_changelist", "admission.view"),
    Page("占用记录", "receipt_long", f"{_PAGE}_taking_changelist", "admission.view"),
    Page("缺货登记", "hourglass_top", f"{_PAGE}_waiting_changelist", "admission.view"),
    Page("限购规则", "front_hand", f"{_PAGE}_limitrule_changelist", "admission.view"),
    Page("排队放行", "groups", f"{_PAGE}_salequeue_changelist", "admission.view"),
    Page("抽签售票", "casino", f"{_PAGE}_draw_changelist", "admission.view"),
    Page("景区", "landscape", f"{_PAGE}_scenicspot_changelist", "admission.view"),
    Page("场馆", "stadium", f"{_PAGE}_venue_changelist", "admission.view"),
    Page("厅", "meeting_room", f"{_PAGE}_hall_changelist", "admission.view"),
    Page("座位图", "grid_on", f"{_PAGE}_seatmap_changelist", "admission.view"),
    Page("检票口", "sensor_door", f"{_PAGE}_gate_changelist", "admission.view"),
)
BEAT = {
    "admission.sweep": Beat(f"{_HERE}.tasks.sweep", 60),
    "admission.serve-waiting": Beat(f"{_HERE}.tasks.serve_waiting", 60),
    "admission.watch-quotas": Beat(f"{_HERE}.tasks.watch_quotas", 300),
    "admission.end-sessions": Beat(f"{_HERE}.tasks.end_sessions", 600),
}
