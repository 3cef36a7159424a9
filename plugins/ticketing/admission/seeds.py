"""Demo: scenic spots of Chongqing, a theatre with a seat for every ticket, an arena, a museum, and what they sell.

Names, places and grades are the real ones; prices and numbers are examples in the usual range and were not checked
against anybody's present list. Everything belongs to the city centre, so that every branch sells it. What is there
already is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import SHANGHAI, now, today
from saleor_o2o.kernel.locks import advisory_lock
from saleor_o2o.seeding.context import SeedLock

from .layouts import Layout, from_json
from .models import AdmissionProduct, ScenicSpot, Session, Venue
from .services.calendar import days_of, make_slots, price_days
from .services.catalogue import add_class, make_product, move_product
from .services.limits import set_limit
from .services.maps import draw_map, publish_map
from .services.places import make_gate, make_hall, make_place
from .services.sessions import make_session, move_session
from .services.stock import block_seats, make_quota, quotas_for_days

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

_AREAS = {"V": "贵宾票", "A": "A 区票", "B": "B 区票", "D": "楼座票"}
#: For how many days ahead scenic spots are sold.
DAYS = 60
_FREE = "6 周岁（不含）以下或身高 1.2 米以下儿童、现役军人、消防救援人员、残疾人凭证免票。"
#: code, name, level, district, address, opening hours, traffic, degrees (WGS84).
SPOTS = (
    ("tiansheng", "武隆天生三桥", 5, "武隆区", "重庆市武隆区仙女山街道", "08:30–16:30（停止入园）",
     "武隆站下车，到仙女山游客中心换乘景区车", ("107.7990", "29.4370")),
    ("baodingshan", "大足石刻·宝顶山", 5, "大足区", "重庆市大足区宝顶镇", "09:00–17:00（停止入园）",
     "大足客运站乘 205 路到宝顶山", ("105.7950", "29.7490")),
    ("beishan", "大足石刻·北山", 5, "大足区", "重庆市大足区龙岗街道北山", "09:00–17:00（停止入园）",
     "大足城区步行或乘 203 路", ("105.7060", "29.7160")),
    ("jinfoshan", "金佛山", 5, "南川区", "重庆市南川区三泉镇", "08:30–15:30（停止上山）",
     "南川客运站乘旅游班车到西坡", ("107.1800", "29.0200")),
    ("cableway", "长江索道", 4, "渝中区", "重庆市渝中区新华路 151 号", "07:30–22:00",
     "轨道交通 1、6 号线小什字站 5 号口", ("106.5850", "29.5570")),
    ("happyvalley", "重庆欢乐谷", 4, "渝北区", "重庆市渝北区金渝大道 29 号", "10:00–21:00",
     "轨道交通 6 号线大竹林站", ("106.4930", "29.6540")),
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A ticket class to begin with."""

    code: str
    name: str
    price: str
    told: dict[str, Any] = field(default_factory=dict)


def _kinds(adult: str, child: str, senior: str, **more: Any) -> tuple[Kind, ...]:
    return (
        Kind("adult", "成人票", adult, {"audience": "adult", **more}),
        Kind("child", "儿童票", child, {"audience": "child", "age_from": 6, "age_below": 18, **more}),
        Kind("senior", "老人票", senior, {"audience": "senior", "age_from": 60, **more}),
    )


_NAMED = {"real_name": "each", "id_types": ["id_card", "passport", "hk_macau", "taiwan"]}
#: code, kind, name, spot, daily quota, weekend price of the first class, classes, summary.
VISITS = (
    ("tiansheng-day", "scenic", "武隆天生三桥门票（含换乘车）", "tiansheng", 3000, "135.00",
     _kinds("115.00", "75.00", "75.00", cut_off=time(14), **_NAMED), "三座天然石桥横跨深谷"),
    ("baodingshan-day", "scenic", "大足石刻宝顶山门票", "baodingshan", 4000, "",
     (*_kinds("115.00", "57.50", "57.50", cut_off=time(16)),
      Kind("post", "纪念纸票（邮寄到家）", "115.00", {"audience": "any", "exchange_mode": "paper_mail",
           "verify_mode": "each", "channels": ["online"], "postage": Decimal("12.00"), "mail_days": 5})),
     "南宋摩崖造像"),
    ("jinfoshan-day", "scenic", "金佛山西坡门票（含索道）", "jinfoshan", 2500, "180.00",
     _kinds("160.00", "90.00", "90.00", advance_days=1, cut_off=time(20), fee_key="ANYTIME"), "喀斯特桌山，冬季看雪"),
    ("happyvalley-day", "scenic", "重庆欢乐谷全日票", "happyvalley", 8000, "",
     (*_kinds("230.00", "150.00", "150.00"),
      Kind("family", "家庭票（2 大 1 小）", "560.00", {"audience": "family", "people": 3, "include": "2 大 1 小"}),
      Kind("window", "全日票（窗口换纪念纸票）", "230.00", {"exchange_mode": "on_site", "verify_mode": "each"})),
     "摩天轮与过山车"),
)  # fmt: skip


@transaction.atomic
def seed(context: SeedContext) -> None:
    """Write what is missing; without a city centre there is nobody to sell it."""
    advisory_lock(SeedLock.CITY, timeout=120)
    city = OrgUnit.objects.filter(parent__isnull=True).first()
    if city is None:
        context.say("景区演出：还没有机构，跳过")
        return
    before = AdmissionProduct.objects.count()
    spots = {told[0]: _spot(city, *told) for told in SPOTS}
    for told in VISITS:
        _visit(city, spots, *told)
    _cableway(city, spots["cableway"])
    _combo(city, [spots["baodingshan"], spots["beishan"]])
    _year_card(city, spots["happyvalley"])
    _theatre(city)
    _arena(city)
    _museum(city)
    context.count("票务产品", AdmissionProduct.objects.count() - before)


def _spot(
    city: OrgUnit, code: str, name: str, level: int, district: str, address: str, hours: str, traffic: str,
    degrees: tuple[str, str],
) -> ScenicSpot:  # fmt: skip
    found = ScenicSpot.objects.filter(code=code).first()
    if found is not None:
        return found
    made = make_place(
        None, ScenicSpot, city, code, name=name, level=level, city=district, address=address, opening_hours=hours,
        traffic=traffic, notices=_FREE, longitude=Decimal(degrees[0]), latitude=Decimal(degrees[1]),
    )  # fmt: skip
    make_gate(None, made, f"{code}-main", "主入口")
    return made


def _is_there(code: str) -> bool:
    return AdmissionProduct.objects.filter(code=code).exists()


def _days() -> tuple[date, date]:
    return today(), today() + timedelta(days=DAYS - 1)


def _visit(
    city: OrgUnit, spots: dict[str, ScenicSpot], code: str, kind: str, name: str, spot: str, quota: int, weekend: str,
    kinds: tuple[Kind, ...], summary: str,
) -> None:  # fmt: skip
    if _is_there(code):
        return
    product = make_product(
        None,
        city,
        code=code,
        kind=kind,
        name=name,
        spot=spots[spot],
        summary=summary,
        notices=_FREE,
        name_change_hours=24 if code == "tiansheng-day" else 0,
    )
    made = [add_class(None, product, code=one.code, name=one.name, price=Decimal(one.price), rank=at,
                      market_price=Decimal(one.price), settlement_price=Decimal(one.price) * Decimal("0.90"),
                      max_per_person=None, **one.told) for at, one in enumerate(kinds, start=1)]  # fmt: skip
    first, last = _days()
    if weekend:
        price_days(None, made[0], first, last, Decimal(weekend), weekdays=(6, 7))
    quotas_for_days(
        None, product, list(days_of(first, last)), quota, name="每日总量", alarm_below=quota // 20
    )
    quotas_for_days(None, product, list(days_of(first, last)), quota // 4, name="柜台", channel="counter")
    move_product(None, product, "put_on_sale")


def _cableway(city: OrgUnit, spot: ScenicSpot) -> None:
    """Two hours at a time, so many people each."""
    if _is_there("cableway-ride"):
        return
    product = make_product(
        None, city, code="cableway-ride", kind="scenic", name="长江索道乘坐票", spot=spot, summary="空中看两江",
        notices="请在所选时段内到站乘坐。",
    )  # fmt: skip
    for at, (code, name, price) in enumerate(
        (("single", "单程票", "20.00"), ("return", "往返票", "30.00")), start=1
    ):
        add_class(
            None, product, code=code, name=name, price=Decimal(price), rank=at, audience="any", valid_mode="slot",
            market_price=Decimal(price), settlement_price=Decimal(price) * Decimal("0.95"),
        )  # fmt: skip
    times = [(time(hour), time(hour + 2)) for hour in range(8, 22, 2)]
    for slot in make_slots(None, product, today(), today() + timedelta(days=13), times):
        make_quota(None, product, 400, name=str(slot), slot=slot, alarm_below=20)
    move_product(None, product, "put_on_sale")


def _combo(city: OrgUnit, spots: list[ScenicSpot]) -> None:
    if _is_there("dazu-combo"):
        return
    product = make_product(
        None, city, code="dazu-combo", kind="combo", name="大足石刻联票（宝顶山＋北山）", spots=spots, spot=spots[0],
        summary="两处世界遗产，三天内各入一次",
    )  # fmt: skip
    add_class(
        None, product, code="adult", name="成人联票", price=Decimal("140.00"), market_price=Decimal("185.00"),
        settlement_price=Decimal("126.00"), valid_days=3, include="宝顶山、北山各一次",
    )  # fmt: skip
    quotas_for_days(None, product, list(days_of(*_days())), 800, name="每日总量")
    move_product(None, product, "put_on_sale")


def _year_card(city: OrgUnit, spot: ScenicSpot) -> None:
    if _is_there("happyvalley-year"):
        return
    product = make_product(
        None,
        city,
        code="happyvalley-year",
        kind="year_card",
        name="重庆欢乐谷年卡",
        spot=spot,
        summary="一年内不限次数",
    )
    add_class(
        None, product, code="adult", name="成人年卡", price=Decimal("688.00"), settlement_price=Decimal("619.20"),
        valid_mode="multi", valid_days=365, uses=0, fee_key="NO-REFUND", max_per_order=4, **_NAMED,
    )  # fmt: skip
    make_quota(None, product, 2000, name="年卡总量", alarm_below=50)
    move_product(None, product, "put_on_sale")


def theatre_plan() -> Layout:
    """954 seats: stalls of eighteen rows with two aisles in four categories, a balcony of nine."""
    stalls = [
        {"row": str(at), "seats": f"{_letter(at) * 9}_{_letter(at) * 18}_{_letter(at) * 9}"}
        for at in range(1, 19)
    ]
    balcony = [{"row": str(at), "seats": f"{'D' * 8}_{'D' * 18}_{'D' * 8}"} for at in range(1, 10)]
    names = {
        "V": ("贵宾区", "#7e22ce"),
        "A": ("A 区", "#b91c1c"),
        "B": ("B 区", "#1d4ed8"),
        "D": ("楼座", "#15803d"),
    }
    return from_json(
        {
            "zones": [{"name": "池座", "rows": stalls}, {"name": "楼座", "rows": balcony}],
            "categories": {key: {"name": name, "colour": colour} for key, (name, colour) in names.items()},
        }
    )


def _letter(row: int) -> str:
    return "V" if row <= 3 else "A" if row <= 9 else "B"


def _evening(days: int, hour: int = 19, minute: int = 30) -> datetime:
    return datetime.combine(today() + timedelta(days=days), time(hour, minute), tzinfo=SHANGHAI)


def _venue(city: OrgUnit, code: str, name: str, district: str, address: str, traffic: str) -> Venue:
    found = Venue.objects.filter(code=code).first()
    if found is not None:
        return found
    made = make_place(
        None, Venue, city, code, name=name, city=district, address=address, traffic=traffic,
        notices="请提前 30 分钟到场。1.2 米以下儿童谢绝入场（儿童剧除外）。",
    )  # fmt: skip
    make_gate(None, made, f"{code}-east", "东门")
    make_gate(None, made, f"{code}-west", "西门")
    return made


def _theatre(city: OrgUnit) -> None:
    venue = _venue(
        city,
        "grand-theatre",
        "重庆大剧院",
        "江北区",
        "重庆市江北区江北城文华街东路 1 号",
        "轨道交通 6、9 号线江北城站",
    )
    hall = venue.halls.filter(name="中剧场").first() or make_hall(None, venue, "中剧场", 954)
    seat_map = hall.maps.filter(state="published").first()
    if seat_map is None:
        seat_map = publish_map(None, draw_map(None, hall, theatre_plan(), "示例座位图"))
    for code, name, days, fee_key, prices in (
        ("new-year-concert", "新年交响音乐会", (3, 10, 17), "", ("680.00", "480.00", "280.00", "180.00")),
        ("teahouse", "话剧《茶馆》", (5, 6), "HOT", ("880.00", "580.00", "380.00", "180.00")),
    ):
        if _is_there(code):
            continue
        product = make_product(
            None, city, code=code, kind="show", name=name, venue=venue, summary="对号入座，线上选座",
            waiting_hours=4, returns_daily_at=time(12),
        )  # fmt: skip
        for at, (category, price) in enumerate(zip("VABD", prices, strict=True), start=1):
            add_class(
                None, product, code=category.lower(), name=_AREAS[category],
                price=Decimal(price), market_price=Decimal(price), settlement_price=Decimal(price) * Decimal("0.88"),
                category=category, valid_mode="session", rank=at, max_per_order=6, fee_key=fee_key,
                real_name="each" if fee_key == "HOT" else "none",
                exchange_mode="id_card" if fee_key == "HOT" else "qr", verify_mode="each",
            )  # fmt: skip
        if fee_key == "HOT":
            set_limit(None, product, "account", "session", 6)
        for day in days:
            start = _evening(day)
            session = make_session(
                None, product, starts_at=start, ends_at=start + timedelta(minutes=150), seat_map=seat_map,
                opens_at=now() - timedelta(minutes=1), closes_at=start,
            )  # fmt: skip
            _keep_back(session)
            move_session(None, session, "open")
        move_product(None, product, "put_on_sale")


def _keep_back(session: Session) -> None:
    """Ten seats of the second row for the house."""
    seats = session.seats.filter(zone="池座", row="2", place__gte=11, place__lte=20)
    block_seats(None, session, list(seats.values_list("seat", flat=True)), "工作票")


def _arena(city: OrgUnit) -> None:
    venue = _venue(
        city,
        "olympic-arena",
        "重庆奥体中心",
        "九龙坡区",
        "重庆市九龙坡区袁家岗奥体路 1 号",
        "轨道交通 1、2 号线大坪站换乘",
    )
    hall = venue.halls.filter(name="体育馆").first() or make_hall(None, venue, "体育馆", 4500)
    if _is_there("city-basketball"):
        return
    product = make_product(
        None, city, code="city-basketball", kind="match", name="城市篮球联赛（重庆主场）", venue=venue,
        summary="不对号入座，先到先坐", waiting_hours=2,
    )  # fmt: skip
    for at, (code, name, price) in enumerate(
        (("stand", "看台票", "80.00"), ("student", "学生票", "40.00")), start=1
    ):
        add_class(
            None, product, code=code, name=name, price=Decimal(price),
            settlement_price=Decimal(price) * Decimal("0.90"),
            audience="student" if code == "student" else "any", valid_mode="session", rank=at, max_per_order=8,
        )  # fmt: skip
    for day in (4, 11):
        start = _evening(day, 15, 0)
        session = make_session(
            None, product, starts_at=start, ends_at=start + timedelta(hours=3), hall=hall,
            opens_at=now() - timedelta(minutes=1),
        )  # fmt: skip
        make_quota(None, product, 4000, name="看台总量", session=session, alarm_below=100)
        student = product.classes.get(code="student")
        make_quota(None, product, 600, name="学生票", session=session, classes=[student])
        move_session(None, session, "open")
    move_product(None, product, "put_on_sale")


def _museum(city: OrgUnit) -> None:
    venue = _venue(
        city,
        "three-gorges-museum",
        "重庆中国三峡博物馆",
        "渝中区",
        "重庆市渝中区人民路 236 号",
        "轨道交通 2 号线曾家岩站",
    )
    if _is_there("bronze-exhibition"):
        return
    product = make_product(
        None,
        city,
        code="bronze-exhibition",
        kind="exhibition",
        name="巴蜀青铜特展",
        venue=venue,
        summary="特展另购票；常设展免费",
    )
    add_class(
        None, product, code="adult", name="特展票", price=Decimal("40.00"), settlement_price=Decimal("36.00"),
        cut_off=time(15, 30),
    )  # fmt: skip
    quotas_for_days(None, product, list(days_of(*_days())), 1500, name="每日总量")
    move_product(None, product, "put_on_sale")
