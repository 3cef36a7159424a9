"""The coach's part of the declaration of ``ticketing``; read before Django is set up, so data only."""

from __future__ import annotations

from saleor_o2o.plugin import Beat, JourneySpec, Page

_HERE = "plugins.ticketing.coach"
_PAGE = "admin:o2o_coach"

APPS = (_HERE, f"{_HERE}.suppliers")
WAITING = (f"{_HERE}.todo.places", f"{_HERE}.todo.invoices", f"{_HERE}.todo.counts")
SEEDS = (f"{_HERE}.seeds.seed",)
QUERIES = (f"{_HERE}.graphql.CoachQueries",)
MUTATIONS = (f"{_HERE}.graphql.CoachMutations",)
PAGES = (
    Page("售票", "point_of_sale", f"{_PAGE}_shiftday_counter", "ticket.sell"),
    Page("检票", "qr_code_scanner", f"{_PAGE}_gatecheck_gate", "coach.check"),
    Page("接待旅客", "support_agent", f"{_PAGE}_reception_new", "coach.receive"),
    Page("旅客接待记录", "history", f"{_PAGE}_reception_changelist", "coach.view"),
    Page("班次看板", "departure_board", f"{_PAGE}_shiftday_changelist", "coach.view"),
    Page("座位看板", "grid_on", f"{_PAGE}_shiftday_board", "coach.view"),
    Page("预留座位", "event_seat", f"{_PAGE}_seatblock_changelist", "coach.view"),
    Page("汽车线路", "route", f"{_PAGE}_line_changelist", "coach.view"),
    Page("检票记录", "how_to_reg", f"{_PAGE}_gatecheck_changelist", "coach.view"),
    Page("进站码密钥", "key", f"{_PAGE}_gatekey_changelist", "coach.keys"),
    Page("纸票库存", "inventory_2", f"{_PAGE}_paperrange_changelist", "coach_paper.view"),
    Page("纸票", "confirmation_number", f"{_PAGE}_papersheet_changelist", "coach_paper.view"),
    Page("纸票清点", "fact_check", f"{_PAGE}_papercount_changelist", "coach_paper.view"),
    Page("汽车票发票", "receipt_long", f"{_PAGE}_coachinvoice_changelist", "coach_invoice.view"),
    Page("汽车票统计", "monitoring", f"{_PAGE}_shiftday_report", "coach.report"),
    Page("汽车站点", "location_on", f"{_PAGE}_station_changelist", "coach_station.view"),
    Page("客票网站点对应", "add_link", f"{_PAGE}_supplierstation_changelist", "coach_station.view"),
    Page("客票网线路对应", "alt_route", f"{_PAGE}_supplierline_changelist", "coach_station.view"),
    Page("购票限制", "rule", f"{_PAGE}_salelimit_changelist", "coach_station.view"),
    Page("节假日预售期", "event", f"{_PAGE}_season_changelist", "coach_station.view"),
)
BEAT = {
    "coach.sync": Beat(f"{_HERE}.tasks.sync", 6 * 3600),
    "coach.refresh": Beat(f"{_HERE}.tasks.refresh", 1800),
    "coach.seats": Beat(f"{_HERE}.tasks.settle_seats", 60),
    "coach.expire": Beat(f"{_HERE}.tasks.expire", 86400),
    "coach.forget": Beat(f"{_HERE}.tasks.forget", 86400),
}
JOURNEYS = {
    "ticket-killed": JourneySpec(
        "saleor_o2o.journeys.killing.tickets.journey.play",
        "票务：在占座、付款、出票、退票的任意两步之间杀掉进程，每张订单只出票一次，或全额退款",
        apart=True,
    ),
    "coach": JourneySpec(
        f"{_HERE}.journeys.coach.play",
        "汽车票：按简拼查班次、实名占座、付款、出票、短信取票信息、申请发票、退一张",
    ),
    "ticket-guest": JourneySpec(
        f"{_HERE}.journeys.guest.play",
        "票务：不登录买票，从短信链接凭验证码打开订单，自己改签、退票；只有链接的人什么也办不了",
    ),
    "coach-child": JourneySpec(
        f"{_HERE}.journeys.child.play", "汽车票：全票、半票、携童；超龄、超额、儿童单独乘车被拒"
    ),
    "coach-change-refund": JourneySpec(
        f"{_HERE}.journeys.changed.play", "汽车票：平改一次、不能再改，改签后退票"
    ),
    "coach-missed": JourneySpec(
        f"{_HERE}.journeys.missed.play",
        "汽车票：没赶上车，当日改乘后面的班次：本人在手机上、同行人在窗口，各补手续费；方便网不办理",
    ),
    "coach-failover": JourneySpec(
        f"{_HERE}.journeys.failover.play", "汽车票：省网售完、中断时，同一班车改由方便网占座、出票"
    ),
}
