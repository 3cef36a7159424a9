"""What the distributor sells: real spots of Chongqing and around. Prices are of the order of real ones, no more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A scenic spot."""

    code: str
    name: str
    level: str
    district: str
    address: str
    hours: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A ticket class of a spot. Amounts in fen, a piece.

    market: the price at the gate in season; low: the share of it out of season (November to February), in per cent;
    weekend: added on Saturdays and Sundays. settle: what the platform pays, in per cent of the retail price.
    stock: pieces a day, or in each slot. slots: "08:30-10:30" texts. real_name: none, one (per order), each (piece).
    people: how many one piece lets in. days: valid so many days from the day of the visit. cutoff: the latest
    time of the day of the visit to buy, "" the whole day; ahead: days before it. confirm: instant, or late (sandbox
    seconds). audit: instant, manual, none (no refunds). fee: of a refunded piece, per cent. notice_days: days before
    the visit to refund (−999: any time, also after it). amendable: the day can be changed, once.
    """

    code: str
    spot: str
    name: str
    kind: str
    market: int
    low: int = 100
    weekend: int = 0
    settle: int = 90
    stock: int = 500
    slots: tuple[str, ...] = ()
    real_name: str = "one"
    people: int = 1
    days: int = 1
    cutoff: str = ""
    ahead: int = 0
    least: int = 1
    most: int = 10
    per_id: int = 2
    confirm: int = 0
    audit: str = "instant"
    fee: int = 0
    notice_days: int = 0
    amendable: bool = True
    includes: str = ""


ANY_TIME = -999

SPOTS = (
    Spot(
        "WL01",
        "武隆天生三桥景区",
        "5A",
        "武隆区",
        "重庆市武隆区仙女山街道",
        "08:30-16:00",
        "含景区往返换乘车",
    ),
    Spot("WL02", "仙女山国家森林公园", "5A", "武隆区", "重庆市武隆区仙女山街道", "08:30-17:00"),
    Spot(
        "WL03",
        "龙水峡地缝",
        "5A",
        "武隆区",
        "重庆市武隆区仙女山街道",
        "08:30-16:00",
        "部分路段湿滑，不宜高跟鞋",
    ),
    Spot(
        "WL04",
        "印象武隆实景演出",
        "",
        "武隆区",
        "重庆市武隆区仙女山街道桃园村",
        "20:00-21:10",
        "露天演出，遇大雨停演",
    ),
    Spot(
        "DZ01",
        "大足石刻宝顶山",
        "5A",
        "大足区",
        "重庆市大足区宝顶镇",
        "08:30-17:00",
        "分时段入园，须带身份证",
    ),
    Spot("DZ02", "大足石刻北山", "5A", "大足区", "重庆市大足区龙岗街道北山", "08:30-17:00"),
    Spot(
        "NC01",
        "金佛山西坡",
        "5A",
        "南川区",
        "重庆市南川区三泉镇",
        "08:30-16:00",
        "含环保观光车、往返索道另购",
    ),
    Spot("FJ01", "白帝城·瞿塘峡", "5A", "奉节县", "重庆市奉节县夔门街道瞿塘峡村", "07:30-17:30"),
    Spot("WS01", "巫山小三峡", "5A", "巫山县", "重庆市巫山县高唐街道", "08:00-14:30", "按船班登船，含船票"),
    Spot("YZ01", "长江索道", "4A", "渝中区", "重庆市渝中区新华路151号", "08:00-22:00", "按预约时段乘坐"),
    Spot("YB01", "重庆欢乐谷", "4A", "渝北区", "重庆市渝北区金渝大道", "10:00-18:00"),
    Spot("SP01", "融汇温泉", "4A", "沙坪坝区", "重庆市沙坪坝区汇泉路", "10:00-24:00", "泳衣自备"),
    Spot(
        "YY01",
        "酉阳桃花源",
        "5A",
        "酉阳土家族苗族自治县",
        "重庆市酉阳土家族苗族自治县桃花源街道",
        "08:30-17:30",
    ),
    Spot("WS02", "万盛黑山谷", "5A", "万盛经开区", "重庆市万盛经济技术开发区黑山镇", "08:30-16:00"),
    Spot("JJ01", "江津四面山", "5A", "江津区", "重庆市江津区四面山镇", "08:30-16:30"),
    Spot(
        "YZ02",
        "两江夜游（朝天门码头）",
        "",
        "渝中区",
        "重庆市渝中区朝天门码头",
        "19:00-21:30",
        "开船前 20 分钟停止检票",
    ),
    Spot("HC01", "合川钓鱼城", "4A", "合川区", "重庆市合川区钓鱼城街道", "09:00-17:00"),
    Spot("FL01", "涪陵武陵山大裂谷", "5A", "涪陵区", "重庆市涪陵区武陵山镇", "08:30-16:00"),
)

_CAVES = ("08:30-10:30", "10:30-12:30", "12:30-14:30", "14:30-16:30")
_CABLE = tuple(f"{hour:02d}:00-{hour + 1:02d}:00" for hour in range(8, 22))

PRODUCTS = (
    Product("WL01-A", "WL01", "成人票", "adult", 12500, low=76, real_name="each", stock=2000),
    Product("WL01-S", "WL01", "优惠票（学生、60–64岁）", "student", 7500, low=76, real_name="each", stock=500,
            audit="manual"),
    Product("WL01-F", "WL01", "家庭票（2大1小）", "family", 29000, low=80, people=3, most=3, stock=200, audit="manual",
            fee=10),
    Product("WL02-A", "WL02", "成人票", "adult", 6000, low=84, stock=3000),
    Product("WL03-A", "WL03", "成人票", "adult", 11500, low=74, real_name="each", stock=1000, notice_days=1),
    Product("WL04-A", "WL04", "普通席", "adult", 26800, real_name="each", stock=600, slots=("20:00-21:10",),
            cutoff="18:00", audit="manual", fee=20, notice_days=1, amendable=False),
    Product("WL04-V", "WL04", "贵宾席", "vip", 36800, real_name="each", stock=80, slots=("20:00-21:10",),
            cutoff="18:00", audit="none", amendable=False),
    Product("DZ01-A", "DZ01", "成人票", "adult", 11500, low=80, real_name="each", stock=400, slots=_CAVES, per_id=1),
    Product("DZ01-S", "DZ01", "学生票", "student", 5700, low=80, real_name="each", stock=100, slots=_CAVES, per_id=1),
    Product("DZ01-J", "DZ01", "宝顶山、北山联票", "joint", 14000, low=80, real_name="each", days=2, stock=300),
    Product("DZ02-A", "DZ02", "成人票", "adult", 7000, low=80, real_name="each", stock=500),
    Product("NC01-A", "NC01", "门票+环保车", "adult", 13000, low=70, stock=1500, confirm=300),
    Product("NC01-C", "NC01", "门票+环保车+往返索道", "joint", 21000, low=80, stock=800, confirm=300, audit="manual"),
    Product("FJ01-A", "FJ01", "成人票", "adult", 11000, low=85, stock=1500),
    Product("FJ01-E", "FJ01", "儿童票（1.2–1.5 米）", "child", 5500, low=85, real_name="none", stock=500),
    Product("WS01-A", "WS01", "成人船票", "adult", 15000, low=90, real_name="each", stock=180,
            slots=("08:30-13:00", "12:30-17:00"), ahead=1, audit="manual", fee=10, notice_days=1),
    Product("YZ01-O", "YZ01", "单程票", "adult", 2000, real_name="none", stock=600, slots=_CABLE, notice_days=0),
    Product("YZ01-R", "YZ01", "往返票", "adult", 3000, real_name="none", stock=300, slots=_CABLE),
    Product("YB01-A", "YB01", "全日票", "adult", 21000, weekend=2000, real_name="each", stock=4000, fee=10),
    Product("YB01-N", "YB01", "夜场票", "adult", 9000, weekend=1000, stock=2000, cutoff="20:00"),
    Product("SP01-A", "SP01", "双人温泉票", "family", 25800, weekend=4000, people=2, stock=300, days=30,
            real_name="none", notice_days=ANY_TIME),
    Product("YY01-A", "YY01", "成人票", "adult", 10000, low=80, stock=1000),
    Product("WS02-A", "WS02", "成人票", "adult", 10000, low=70, stock=1000, notice_days=ANY_TIME, days=7),
    Product("JJ01-A", "JJ01", "成人票", "adult", 10000, low=80, stock=1200),
    Product("YZ02-A", "YZ02", "标准舱", "adult", 12800, weekend=2000, stock=260,
            slots=("19:00-20:00", "20:00-21:00", "20:30-21:30"), cutoff="18:30", audit="manual", fee=20,
            real_name="each"),
    Product("HC01-A", "HC01", "成人票", "adult", 6000, stock=600),
    Product("FL01-A", "FL01", "成人票", "adult", 12000, low=80, stock=800),
)  # fmt: skip

SPOT = {spot.code: spot for spot in SPOTS}
PRODUCT = {product.code: product for product in PRODUCTS}
