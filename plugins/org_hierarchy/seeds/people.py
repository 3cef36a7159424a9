"""Staff in every post: made-up names and telephone numbers, no passwords but for the demo's own people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from saleor.account.models import User

from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.request import SYSTEM
from saleor_o2o.seeding.context import SeedContext

from ..levels import Level
from ..models import Department, GrantSource, OrgUnit, Post, RoleGrant, Staff, StaffPost
from ..seeds_roles import ensure_departments, seed_templates
from ..services.saleor_groups import sync_all

JOINED = date(2021, 3, 1)
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = [
    "建国",
    "秀英",
    "志强",
    "晓燕",
    "德明",
    "春梅",
    "永红",
    "小兰",
    "国庆",
    "玉珍",
    "海涛",
    "雪梅",
    "文军",
    "丽华",
    "光荣",
    "桂芳",
    "俊杰",
    "婷婷",
    "世平",
    "佳怡",
]
WHERE = "/admin/，机构人员"


@dataclass(frozen=True)
class Seat:
    """One post to be filled: `who` names the demo's people, who have passwords."""

    post: str
    unit: str
    who: str = ""
    name: str = ""


#: The demo's people: key, name, post, unit's short name. `clerk`, `service` and `accountant` are the city's own.
DEMO = (
    ("city_director", "陈市中", "city-director", "市中心"),
    ("city_ops", "林运管", "city-operations", "市中心"),
    ("city_channels", "何拓展", "city-merchants", "市中心"),
    ("city_tickets", "尹票务", "city-ticketing", "市中心"),
    ("finance_city", "唐会计", "city-accountant", "市中心"),
    ("cashier_city", "冯出纳", "city-cashier", "市中心"),
    ("area_core", "罗片区", "area-manager", "主城片区"),
    ("area_northeast", "宋片区", "area-manager", "渝东北片区"),
    ("county_yuzhong", "梁主任", "county-director", "渝中"),
    ("county_yuzhong_finance", "谢财务", "county-finance", "渝中"),
    ("county_yuzhong_dispatch", "赖调度", "county-dispatch", "渝中"),
    ("county_yuzhong_ops", "韩运营", "county-operations", "渝中"),
    ("county_yuzhong_merchants", "邓商户", "county-merchants", "渝中"),
    ("county_yuzhong_service", "孙客服", "county-service", "渝中"),
    ("county_wanzhou", "高主任", "county-director", "万州"),
    ("county_wanzhou_ops", "程运营", "county-operations", "万州"),
    ("branch_jiefangbei", "郭支局", "branch-manager", "解放碑支局"),
    ("clerk_jiefangbei", "马营业", "branch-clerk", "解放碑支局"),
    ("liaison_jiefangbei", "朱联络", "branch-liaison", "解放碑支局"),
    ("courier_jiefangbei", "何投递", "branch-courier", "解放碑支局"),
    ("branch_chaotianmen", "蒋支局", "branch-manager", "朝天门支局"),
    ("courier_chaotianmen", "丁投递", "branch-courier", "朝天门支局"),
    ("branch_gaosuntang", "彭支局", "branch-manager", "高笋塘支局"),
    ("clerk_gaosuntang", "吕营业", "branch-clerk", "高笋塘支局"),
    ("keeper_jiefangbei", "曾负责", "outlet-keeper", "解放碑营业厅"),
    ("gate_jiefangbei", "熊检票", "outlet-gate", "解放碑营业厅"),
    ("organiser_jiefangbei", "柯主办", "outlet-organiser", "解放碑营业厅"),
)
#: People of the core's seed who get a post, too.
CORE = (("clerk", "city-operations"), ("service", "city-service"), ("accountant", "city-accountant"))

POSTS = {
    Level.CITY: (
        "city-director", "city-general", "city-operations", "city-marketing", "city-merchants", "city-ticketing",
        "city-service", "city-accountant", "city-cashier", "city-risk", "city-tech", "city-logistics",
    ),
    Level.AREA: ("area-manager", "area-supervisor", "area-analyst"),
    Level.COUNTY: (
        "county-director", "county-merchants", "county-operations", "county-service", "county-finance",
        "county-dispatch",
    ),
    Level.BRANCH: ("branch-manager", "branch-clerk", "branch-courier", "branch-liaison"),
    Level.OUTLET: ("outlet-keeper", "outlet-clerk"),
}  # fmt: skip
#: Posts that few units have: held where the demonstration names somebody.
EXTRA = ("outlet-gate", "outlet-organiser")
#: Who is in charge of a unit.
CHIEF = {
    "city-director", "area-manager", "county-director", "branch-manager", "outlet-keeper",
}  # fmt: skip


def seed(context: SeedContext) -> None:
    """Fill every post that nobody holds; people who are there keep theirs. Roles and departments come first."""
    seed_templates(context)
    units = list(OrgUnit.objects.order_by("path"))
    for unit in units:
        if unit.level == Level.CITY:
            ensure_departments(unit)
    passwords = {who: context.login(who, _email(who), f"yuyou-{who}", WHERE) for who, *_rest in DEMO}
    held = set(StaffPost.objects.values_list("post__code", "unit_id"))
    by_code = {unit.code: unit for unit in units}
    seats = [seat for seat in _seats(units) if (seat.post, by_code[seat.unit].pk) not in held]
    if not seats:
        return
    staff = _staff(context, seats, by_code, passwords)
    _post(seats, staff, by_code)
    sync_all()
    context.count("人员", len(staff))


def _seats(units: list[OrgUnit]) -> Iterator[Seat]:
    demo = {(post, unit): (who, name) for who, name, post, unit in DEMO}
    city = units[0]
    for who, post in CORE:
        yield Seat(post, city.code, who)
    for unit in units:
        for post in POSTS[Level(unit.level)]:
            if unit.level == Level.OUTLET and not unit.code.endswith("-01"):
                continue  # a branch's other outlets are minded by their branch
            who, name = demo.get((post, unit.short_name), ("", ""))
            yield Seat(post, unit.code, who, name)
        for post in EXTRA:
            if (post, unit.short_name) in demo:
                yield Seat(post, unit.code, *demo[post, unit.short_name])


def _staff(
    context: SeedContext, seats: list[Seat], units: dict[str, OrgUnit], passwords: Mapping[str, str | None]
) -> list[Staff]:
    first = Staff.objects.count() + 1
    no_password = make_password(None)
    core = {who for who, _post in CORE}
    users = []
    for number, seat in enumerate(seats, start=first):
        if seat.who in core:
            users.append(context.user(seat.who))
            continue
        password = passwords.get(seat.who)
        users.append(
            User(
                email=_email(seat.who or f"cq{number:06d}"),
                first_name=seat.name or _name(number),
                is_staff=True,
                password=make_password(password) if password else no_password,
            )
        )
    User.objects.bulk_create([user for user in users if user.pk is None], batch_size=1000)
    made = [
        Staff(
            user=user,
            employee_no=f"CQ{number:06d}",
            name=user.first_name,
            unit=units[seat.unit],
            mobile=f"138{number + 10_000:08d}",
            mobile_index=blind_index(f"138{number + 10_000:08d}", "staff.mobile"),
            joined_on=JOINED,
        )
        for number, (seat, user) in enumerate(zip(seats, users, strict=True), start=first)
    ]
    return Staff.objects.bulk_create(made, batch_size=1000)


def _post(seats: Iterable[Seat], staff: list[Staff], units: dict[str, OrgUnit]) -> None:
    posts = {post.code: post for post in Post.objects.select_related("role")}
    departments = {(one.unit_id, one.code): one for one in Department.objects.all()}
    held = [
        StaffPost(
            staff=person,
            post=posts[seat.post],
            unit=units[seat.unit],
            department=departments.get((units[seat.unit].pk, posts[seat.post].department)),
            is_primary=True,
            valid_from=JOINED,
        )
        for seat, person in zip(seats, staff, strict=True)
    ]
    StaffPost.objects.bulk_create(held, batch_size=1000)
    RoleGrant.objects.bulk_create(
        (
            RoleGrant(
                staff=one.staff,
                role=one.post.role,
                unit=one.unit,
                source=GrantSource.POST,
                staff_post=one,
                valid_from=JOINED,
                reason="建立示例城市",
                granted_by=SYSTEM,
            )
            for one in held
        ),
        batch_size=1000,
    )
    chiefs = []
    for one in held:
        if one.post.code in CHIEF and one.unit.manager_id is None:
            one.unit.manager = one.staff
            chiefs.append(one.unit)
    OrgUnit.objects.bulk_update(chiefs, ["manager"], batch_size=500)


def _email(who: str) -> str:
    return f"{who}@example.com"


def _name(number: int) -> str:
    return SURNAMES[number * 7 % len(SURNAMES)] + GIVEN[number * 11 % len(GIVEN)]
