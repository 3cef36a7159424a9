"""Staff, their groups, and shoppers. Nobody real: mail at example.com, made-up telephone numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from saleor.account.models import Address, User
from saleor.core.permissions import get_permissions

from .context import SeedContext
from .regions import PROVINCE, region


@dataclass(frozen=True)
class GroupData:
    """A group of staff with Saleor's permissions by codename."""

    name: str
    permissions: str


GROUPS = (
    GroupData(
        "运营",
        "manage_products manage_orders manage_discounts manage_shipping manage_menus manage_pages"
        " manage_checkouts manage_translations",
    ),
    GroupData("客服", "manage_orders manage_users manage_checkouts"),
    GroupData("财务", "manage_orders manage_gift_card"),
)


@dataclass(frozen=True)
class PersonData:
    """Somebody to log in as; ``password`` is for demos only.

    The whole name goes into the first name: stock clients write first name, blank, last name, which no Chinese
    name survives.
    """

    who: str
    email: str
    name: str
    password: str
    where: str
    group: str = ""
    staff: bool = False
    superuser: bool = False
    phone: str = ""
    home: tuple[str, str] | None = None


STAFF = "/admin/，Saleor 管理面板"
SHOP = "商城、微信内页面"

PEOPLE = (
    PersonData("admin", "admin@example.com", "管理员", "yuyou-admin", STAFF, staff=True, superuser=True),
    PersonData("clerk", "clerk@example.com", "周运营", "yuyou-clerk", STAFF, "运营", staff=True),
    PersonData("service", "service@example.com", "吴客服", "yuyou-service", STAFF, "客服", staff=True),
    PersonData("accountant", "accountant@example.com", "郑财务", "yuyou-accountant", STAFF, "财务", True),
    PersonData(
        "shopper1", "shopper1@example.com", "李晓江", "yuyou-shopper1", SHOP,
        phone="+8613800000001", home=("渝中区", "上清寺街道中山四路示例小区1栋2单元3-1"),
    ),
    PersonData(
        "shopper2", "shopper2@example.com", "王小渝", "yuyou-shopper2", SHOP,
        phone="+8613800000002", home=("沙坪坝区", "磁器口街道示例花园6栋8-2"),
    ),
)  # fmt: skip


def logins_file() -> Path:
    """Where the demo's logins are written."""
    return Path(settings.VAR_DIR) / "demo-logins.json"


def seed(context: SeedContext) -> None:
    """Create the missing groups and people; existing ones keep their rights, passwords and addresses."""
    groups = _groups(context)
    there = set(User.objects.filter(email__in=[one.email for one in PEOPLE]).values_list("email", flat=True))
    for person in PEOPLE:
        if person.email in there:
            continue
        user = User.objects.create_user(  # type: ignore[no-untyped-call]
            person.email,
            context.passwords.get(person.who, person.password),
            is_staff=person.staff,
            is_superuser=person.superuser,
            first_name=person.name,
        )
        if person.group:
            user.groups.add(groups[person.group])
        if person.home:
            county = region(person.home[0])
            address = Address.objects.create(
                first_name=person.name,
                street_address_1=person.home[1],
                city=county.name,
                country_area=PROVINCE,
                postal_code=county.postcode,
                country="CN",
                phone=person.phone,
            )
            user.addresses.add(address)
            user.default_shipping_address = user.default_billing_address = address
            user.save(update_fields=["default_shipping_address", "default_billing_address"])
        context.count("用户", 1)


def _groups(context: SeedContext) -> dict[str, Group]:
    there = {group.name: group for group in Group.objects.filter(name__in=[data.name for data in GROUPS])}
    missing = [data for data in GROUPS if data.name not in there]
    if missing:
        codes: dict[str, Permission] = {one.codename: one for one in get_permissions()}
        for data in missing:
            group = there[data.name] = Group.objects.create(name=data.name)
            group.permissions.set([codes[code] for code in data.permissions.split()])
        context.count("权限组", len(missing))
    return there


def logins(more: Iterable[dict[str, str]] = ()) -> list[dict[str, str]]:
    """The demo's people, and more, as rows of who, login, password and where."""
    core = [
        {"who": one.who, "login": one.email, "password": one.password, "where": one.where} for one in PEOPLE
    ]
    return [*core, *more]


def write_logins(more: Iterable[dict[str, str]] = ()) -> Path:
    """Write the demo's logins for their owner's eyes only (mode 0600) and return the file."""
    path = logins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(logins(more), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
