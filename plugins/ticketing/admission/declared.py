"""Admission's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, JourneySpec, Page

_HERE = "plugins.ticketing.admission"
_PAGE = "admin:o2o_admission"

APPS = (_HERE,)
QUERIES = (f"{_HERE}.graphql.AdmissionQueries",)
WAITING = (f"{_HERE}.todo.todo",)
MUTATIONS = (f"{_HERE}.graphql.AdmissionMutations",)
SEEDS = (f"{_HERE}.seeds.seed",)
PAGES = (
    Page("门票售票", "point_of_sale", f"{_PAGE}_admissionproduct_counter", "ticket.sell"),
    Page("票务产品", "local_activity", f"{_PAGE}_admissionproduct_changelist", "admission.view"),
    Page("售票报表", "monitoring", f"{_PAGE}_admissionproduct_report", "ticket.report"),
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
JOURNEYS = {
    "scenic": JourneySpec(
        f"{_HERE}.journeys.scenic.play",
        "景区：搜索、价格日历、实名占票、付款、电子门票、闸机放行、核销结算、退一张（试算与到账一致）",
    ),
    "scenic-agency": JourneySpec(
        f"{_HERE}.journeys.agency.play",
        "上游分销商的门票：同步上架、买、短信和打印都是景区的入园码、景区闸机放行、核销回来、退一张",
    ),
    "paper-ticket": JourneySpec(
        f"{_HERE}.journeys.paper.play",
        "纸票：窗口换票只凭纸票入场、纸票邮寄到家、退票须交回纸票；实名更改一次",
    ),
    "combo": JourneySpec(
        f"{_HERE}.journeys.combo.play", "联票：两个景区各入一次，柜台须选检票口，票价按景区分到分"
    ),
    "show-seats": JourneySpec(
        f"{_HERE}.journeys.show_seats.play",
        "演出：座位图、自己选座和系统选连座、按区定价、倒计时、付款、电子票",
    ),
    "show-race": JourneySpec(f"{_HERE}.journeys.race.play", "演出：1000 人抢 100 个座位，一座不多卖"),
    "waiting-list": JourneySpec(
        f"{_HERE}.journeys.waiting_list.play", "缺货登记：有人退票，按先后保留、下单、让出"
    ),
    "redeem-offline": JourneySpec(
        f"{_HERE}.journeys.redeem_offline.play", "闸机断网照常检票，恢复后上传，以最早一次为准，冲突报警"
    ),
    "refund-reply": JourneySpec(
        f"{_HERE}.journeys.refund_reply.play",
        "退票须景区答复：提交前说明，票停用，同意即退；不同意的由平台审核，不直接拒绝",
    ),
    "session-cancelled": JourneySpec(
        f"{_HERE}.journeys.cancelled.play", "场次取消：短信通知，批量全额退票，占着没付的释放"
    ),
    "session-postponed": JourneySpec(
        f"{_HERE}.journeys.postponed.play", "场次延期：一周内选保留、全额退、换场；什么也不选的照新的时间有效"
    ),
    "year-card": JourneySpec(
        f"{_HERE}.journeys.year_card.play", "年卡与多次卡：实名、每天一次、按次用完、不可退与随时退"
    ),
    "hot-sale": JourneySpec(
        f"{_HERE}.journeys.hot_sale.play",
        "热门场次：抽签（落选通知、可核对）、排队放行、按手机号和设备限购、一证一座，退票定时回池",
    ),
}
