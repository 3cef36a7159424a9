"""The public pages and those of the back office: what they show, to whom, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from saleor.account.models import User
from saleor.product.models import Product, ProductVariant

from plugins.channels.models import (
    BindingRule,
    Channel,
    ChannelDay,
    Course,
    Device,
    Material,
    Photo,
    ShopGoods,
    Visit,
)
from plugins.channels.services.materials import receive
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.models import OrgUnit
from tests.orgs import person
from tests.stock.world import World

from . import shops
from .conftest import COUNTY, LIAISON

BACKEND = "django.contrib.auth.backends.ModelBackend"


def client(user: User | None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user, backend=BACKEND)
    return made


FORM = {
    "name": "王小店", "id_number": shops.id_number(), "mobile": shops.mobile(), "community": "民生社区",
    "branch_code": "B111", "premises": "", "remark": "", "consent": "yes",
}  # fmt: skip


def test_a_shop_shows_its_goods_and_counts_the_visit(org: dict[str, OrgUnit], world: World) -> None:
    # given
    shop = shops.shop(org["B111"], shops.pool(world.variant), "36.50")

    # when
    answer = Client().get(f"/channels/s/{shop.channel.code}")

    # then
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "奉节脐橙" in text and "¥36.50" in text and "¥39.90" in text and shop.channel.code in text
    assert "王**" not in text or "小店" not in text
    assert shops.mobile() not in text
    assert ChannelDay.objects.get().visits == 1
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("status", [ChannelStatus.PAUSED, ChannelStatus.LEFT, ChannelStatus.TRAINING])
def test_a_closed_shop_says_so_and_sells_nothing(org: dict[str, OrgUnit], world: World, status: str) -> None:
    # given
    shop = shops.shop(org["B111"], shops.pool(world.variant), status=status)

    # when
    answer = Client().get(f"/channels/s/{shop.channel.code}")

    # then
    assert answer.status_code == 410
    assert "奉节脐橙" not in answer.content.decode()
    assert not ChannelDay.objects.exists()


@pytest.mark.parametrize("code", ["AAAAAAAA", "' OR 1=1", "%00", "<script>", "A" * 500])
def test_an_unknown_shop_is_not_there(db: None, code: str) -> None:
    # when / then
    assert Client().get(f"/channels/s/{code}").status_code == 404
    assert Client().get(f"/channels/qr/{code}.svg").status_code == 404


def test_statements_of_a_shop_do_not_grow_with_its_goods(org: dict[str, OrgUnit], world: World) -> None:
    # given
    shop = shops.shop(org["B111"], shops.pool(world.variant))
    address = f"/channels/s/{shop.channel.code}"
    Client().get(address)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(address).status_code == 200
        return len(captured)

    one = count()
    for number in range(20):
        product = Product.objects.get(pk=world.product.pk)
        product.pk, product.slug, product._state.adding = None, f"p-{number}", True
        product.save()
        variant = ProductVariant.objects.create(product=product, sku=f"P-{number}")
        ShopGoods.objects.create(shop=shop, goods=shops.pool(variant), price="40.00")

    # then
    assert count() == one
    assert one <= 12


def test_the_form_takes_an_application(org: dict[str, OrgUnit]) -> None:
    # when
    answer = Client().post("/channels/apply/", {**FORM, "photos": [shops.upload(), shops.upload()]})

    # then
    assert answer.status_code == 200 and "申请编号" in answer.content.decode()
    channel = Channel.objects.get()
    assert (channel.status, channel.photos.count()) == (ChannelStatus.APPLIED, 2)
    number = channel.application.number
    found = Client().post("/channels/progress/", {"number": number, "mobile": shops.mobile()})
    assert "3 个工作日内上门走访" in found.content.decode()
    wrong = Client().post("/channels/progress/", {"number": number, "mobile": "13900000000"})
    assert wrong.status_code == 422


def test_the_form_keeps_what_was_typed_but_not_the_identity_number(org: dict[str, OrgUnit]) -> None:
    # when
    answer = Client().post("/channels/apply/", {**FORM, "mobile": "123", "name": '"><script>'})

    # then
    text = answer.content.decode()
    assert answer.status_code == 422 and "手机号不正确" in text
    assert "民生社区" in text and '<option value="B111" selected>' in text
    assert FORM["id_number"] not in text and "<script>" not in text
    assert not Channel.objects.exists()


def test_an_empty_form_and_a_wrong_method(org: dict[str, OrgUnit]) -> None:
    # when / then
    assert Client().get("/channels/apply/").status_code == 200
    assert Client().post("/channels/apply/", {}).status_code == 422
    assert Client().put("/channels/apply/").status_code == 405
    assert Client().post("/channels/progress/", {"number": "x\x00", "mobile": "y"}).status_code == 422


# -- the back office ---------------------------------------------------------------------


@pytest.fixture
def everything(org: dict[str, OrgUnit], world: World, liaison: User) -> Channel:
    """One row at least of every model with a page, at branch B111."""
    shop = shops.shop(org["B111"], shops.pool(world.variant))
    shops.template(shop.offers.get().goods)
    course = Course.objects.create(code="basics", name="微店入门", required_for=[ChannelType.MICRO_SHOP])
    channel = shop.channel
    channel.exams.create(course=course, score=90, passed=True)
    Visit.objects.create(channel=channel, planned_on="2026-12-01")
    Photo.objects.create(
        channel=channel, kind="premises", content=b"jpeg", width=1, height=1, taken_by="system"
    )
    Device.objects.create(serial="PR-1", kind="printer", unit=org["B111"])
    receive(Material.objects.create(code="paper", name="票纸"), org["B111"], 10)
    BindingRule.objects.create(effective_from="2026-01-01")
    channel.targets.create(month="2026-11-01", goal=100)
    channel.bindings.create(customer=world.customer, basis="first", actor="system")
    return channel


LISTS = (
    "channel", "target", "bindingrule", "customerbinding", "poolgoods", "shoptemplate", "shop", "device",
    "material", "materialstock", "materialmovement", "course", "exam", "visit",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_row_opens(everything: Channel, world: World, liaison: User, name: str) -> None:
    # given
    from django.apps import apps

    row = apps.get_model("o2o_channels", name).objects.get()
    for user in (world.admin, liaison):
        # when
        listed = client(user).get(reverse(f"admin:o2o_channels_{name}_changelist"), {"q": "1"})
        shown = client(user).get(reverse(f"admin:o2o_channels_{name}_change", args=[row.pk]))

        # then
        assert (listed.status_code, shown.status_code) == (200, 200)


def test_who_only_looks_at_the_citys_rows_reads_words(everything: Channel, liaison: User) -> None:
    # when
    course = (
        client(liaison)
        .get(reverse("admin:o2o_channels_course_change", args=[Course.objects.get().pk]))
        .content.decode()
    )
    goods = ShopGoods.objects.get().goods
    pool = client(liaison).get(reverse("admin:o2o_channels_poolgoods_change", args=[goods.pk]))

    # then
    assert "社区微店" in course and "micro_shop" not in course
    assert goods.variant.sku in pool.content.decode()


def test_rows_of_another_county_are_not_there(everything: Channel, abroad: User) -> None:
    # given
    visitor = client(abroad)
    one = everything.pk
    photo = Photo.objects.get().pk

    # when / then
    for address in (
        reverse("admin:o2o_channels_channel_change", args=[one]),
        reverse("admin:o2o_channels_channel_do", args=[one, "visit"]),
        reverse("admin:o2o_channels_channel_qr", args=[one, "svg"]),
        reverse("admin:o2o_channels_channel_photo", args=[one, photo]),
        reverse("admin:o2o_channels_shop_change", args=[one]),
        reverse("admin:o2o_channels_device_do", args=[Device.objects.get().pk, "scrap"]),
    ):
        assert visitor.get(address).status_code == 404, address
    listed = visitor.get(reverse("admin:o2o_channels_channel_changelist")).content.decode()
    assert everything.code not in listed
    for page in ("figures", "board"):
        text = visitor.get(reverse(f"admin:o2o_channels_channel_{page}")).content.decode()
        assert everything.code not in text and everything.name not in text


STEPS = {
    "anonymous": 302, "shopper": 302, "looks only": 403, "abroad": 404, "liaison": 302, "county": 302,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), STEPS.items())
def test_who_may_pause_a_shop(
    everything: Channel,
    org: dict[str, OrgUnit],
    world: World,
    liaison: User,
    abroad: User,
    who: str,
    status: int,
) -> None:
    # given
    people = {
        "anonymous": None, "shopper": world.customer, "abroad": abroad, "liaison": liaison,
        "looks only": person(org["B111"], "looks", ["channel.view"]), "county": person(org["C11"], "boss", COUNTY),
    }  # fmt: skip
    address = reverse("admin:o2o_channels_channel_do", args=[everything.pk, "pause"])

    # when
    answer = client(people[who]).post(address, {"reason": "装修"})

    # then
    assert answer.status_code == status
    paused = Channel.objects.get().status == ChannelStatus.PAUSED
    assert paused is (who in ("liaison", "county"))


def test_a_step_keeps_what_was_typed(everything: Channel, liaison: User) -> None:
    # given
    address = reverse("admin:o2o_channels_channel_do", args=[everything.pk, "visit"])
    form = {"kind": "routine", "result": "recommend", "findings": "卷帘门损坏"}

    # when
    answer = client(liaison).post(address, form)

    # then
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "结论与走访类型不符" in text and "卷帘门损坏" in text
    assert not Visit.objects.filter(done_at__isnull=False).exists()


def test_a_new_agent_is_written_by_the_branch_and_nowhere_else(
    org: dict[str, OrgUnit], liaison: User
) -> None:
    # given
    visitor = client(liaison)
    address = reverse("admin:o2o_channels_channel_add")
    form: dict[str, Any] = {
        "type": "agent", "name": "好邻居超市", "unit_code": "B111", "rank": "", "owner_name": "陈好", "staff_no": "",
        "liaison_no": "liaison", "mobile": "139 0000 0001", "id_number": "", "address": "", "lng": "", "lat": "",
        "agreement_no": "", "agreement_from": "", "agreement_to": "", "commission_plan": "", "scope": ["retail"],
    }  # fmt: skip

    # when: abroad, then with a broken number, then right
    for changes, word in (({"unit_code": "B121"}, "不在您的范围内"), ({"mobile": "12"}, "手机号不正确"),
                          ({"lng": "29.5", "lat": "106.5"}, "")):  # fmt: skip
        answer = visitor.post(address, {**form, **changes})
        assert answer.status_code == 200 and word in answer.content.decode()
        assert not Channel.objects.exists()
    answer = visitor.post(address, form)

    # then
    made = Channel.objects.get()
    assert answer.status_code == 302
    assert (made.unit, made.owner_mobile, made.liaison) == (org["B111"], "13900000001", liaison.o2o_staff)

    # when: the form of an existing one shows no number and keeps it when left empty
    page = reverse("admin:o2o_channels_channel_change", args=[made.pk])
    assert "13900000001" not in visitor.get(page).content.decode()
    assert visitor.post(page, {**form, "mobile": "", "name": "好邻居"}).status_code == 302
    made = Channel.objects.get()
    assert (made.name, made.owner_mobile) == ("好邻居", "13900000001")


def test_only_the_city_writes_its_rules(everything: Channel, org: dict[str, OrgUnit], world: World) -> None:
    # given
    county = person(org["C11"], "keen", [*LIAISON, "channel.rule"])
    form = {"sku": "NOPE", "floor": "1", "ceiling": "2", "is_active": "on"}
    address = reverse("admin:o2o_channels_poolgoods_add")

    # when / then
    assert client(county).post(address, form).status_code == 403
    assert "没有这个 SKU" in client(world.admin).post(address, form).content.decode()


def test_the_list_takes_as_many_statements_for_many(
    everything: Channel, org: dict[str, OrgUnit], liaison: User
) -> None:
    # given
    visitor = client(liaison)
    address = reverse("admin:o2o_channels_channel_changelist")
    visitor.get(address)

    def count(page: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visitor.get(page).status_code == 200
        return len(captured)

    figures = reverse("admin:o2o_channels_channel_figures")
    before = count(address), count(figures)
    for _ in range(20):
        shops.channel(org["B112" if _ % 2 else "B111"], liaison=liaison.o2o_staff)

    # then
    assert (count(address), count(figures)) == before
