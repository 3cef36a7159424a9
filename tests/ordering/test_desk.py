"""The order desk, its papers and the report: pages that work, within reach, and write down what was done."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from saleor.order.models import Order

from plugins.org_hierarchy.models import OrderAttribution
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.ordering.models import OrderProfile, OrderTimeline
from tests.orgs import person, small_org

from .conftest import Mall, states, told

DESK = "/admin/o2o_ordering/orderprofile/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desk(mall: Mall) -> Client:
    return browser(mall.world.admin)


def test_list_filters_and_search(mall: Mall, order: Order, desk: Client) -> None:
    # given
    paid = mall.place({mall.tea: 1})
    mall.pay(paid)
    numbers = dict(OrderProfile.objects.values_list("pk", "number"))

    def shown(**asked: str) -> set[int]:
        text = desk.get(DESK, asked).content.decode()
        return {key for key, number in numbers.items() if number in text}

    # then
    assert shown() == {order.pk, paid.pk}
    assert shown(state="pending_shipment") == {paid.pk}
    assert shown(line="service") == {order.pk}
    assert shown(seller="M01") == {order.pk, paid.pk}
    assert shown(seller="own") == {order.pk}
    assert shown(paid="no") == {order.pk}
    assert shown(q=numbers[paid.pk]) == {paid.pk}
    assert shown(q=f"#{order.pk}") == {order.pk}
    assert shown(q="8000") == {order.pk, paid.pk}  # the end of the telephone number
    assert shown(q="nothing") == set()
    assert shown(unit="nowhere") == set()


def test_order_page_tells_everything(mall: Mall, order: Order, desk: Client) -> None:
    mall.pay(order)
    text = desk.get(f"{DESK}{order.pk}/change/").content.decode()
    for word in ("城口山货", "待自提", "¥64.29", "已付款", "时间线", "拣货单", "支付单"):
        assert word in text, word
    assert "138****8000" in text
    assert "13800138000" not in text


def test_actions_lead_on_and_work(mall: Mall, order: Order, desk: Client) -> None:
    # given
    mall.pay(order)
    unpaid = mall.place({mall.tea: 1})
    ids = f"?ids={order.pk},{unpaid.pk}"

    # when: marked, both
    chosen = {"action": "mark_chosen", "_selected_action": [order.pk, unpaid.pk]}
    assert desk.post(DESK, chosen).headers["Location"] == f"{DESK}mark/{ids}"
    assert desk.post(f"{DESK}mark/{ids}", {"flag": "blue", "remark": "x", "write": ""}).status_code == 302
    assert set(OrderProfile.objects.values_list("flag", "remark")) == {("blue", "")}

    # when: the picking list is looked at, then printed
    seen = desk.get(f"{DESK}picking/{ids}").content.decode()
    assert "ORANGE-5KG" in seen and "渝中仓" in seen
    assert "printed" not in told(order)
    assert desk.post(f"{DESK}picking/{ids}").status_code == 200
    assert told(order)[-1] == "printed"

    # when: slips
    assert "13800138000" not in desk.get(f"{DESK}slips/?ids={order.pk}").content.decode()
    assert "民族路 18 号" in desk.post(f"{DESK}slips/?ids={order.pk}").content.decode()

    # when: sent, both; one of them waits for its money
    answer = desk.post(f"{DESK}ship/{ids}", follow=True).content.decode()
    assert "已发货 1 张订单" in answer
    assert "订单尚未付款" in answer
    assert states(order) == ["shipped", "shipped", "received", "shipped"]
    assert states(unpaid)[-1] == "pending_payment"


def test_price_and_cancel(mall: Mall, order: Order, desk: Client) -> None:
    # given
    line = order.lines.order_by("pk").first()
    assert line is not None
    form = {
        f"unit-{one.pk}": str(one.unit_price_gross_amount) for one in order.lines.all()
    } | {"shipping": "0", "seen": "237.80"}  # fmt: skip

    # when: without a reason what was typed stays
    refused = desk.post(f"{DESK}price/?ids={order.pk}", {**form, f"unit-{line.pk}": "30.5"}).content.decode()
    assert "请填写原因" in refused
    assert 'value="30.5"' in refused

    # when
    done = desk.post(f"{DESK}price/?ids={order.pk}", {**form, "reason": "补差"})
    assert done.status_code == 302
    assert OrderProfile.objects.get(order=order).total == Decimal("227.80")
    assert AuditEntry.objects.filter(action="ordering.price_changed").count() == 1

    # when
    assert desk.post(f"{DESK}cancel/?ids={order.pk}", {"reason": "risk"}).status_code == 302
    profile = OrderProfile.objects.get(order=order)
    assert (profile.state, profile.cancel_reason) == ("closed", "risk")


def test_the_workbook_of_orders(mall: Mall, order: Order, desk: Client) -> None:
    # given: words that a spreadsheet would run, and where the order came in
    unit = small_org()["B111"]
    attribution = {"unit": unit, "org_path": unit.path, "basis": "test"}
    OrderAttribution.objects.update_or_create(order=order, defaults=attribution)
    OrderProfile.objects.filter(order=order).update(remark="=1+1", org_path=unit.path)

    # when
    answer = desk.post(f"{DESK}export/", {"format": "xlsx"})
    [_mark, titles, row] = load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values
    told_ = dict(zip(titles, row, strict=True))

    # then: yuan are numbers, names are read as people say them, nothing is a formula
    assert (told_["订单金额"], told_["已退金额"]) == (237.8, 0)
    assert (told_["下单时机构"], told_["备注"]) == (unit.name, "'=1+1")
    address = order.shipping_address
    assert told_["收货人"] == f"{address.last_name}{address.first_name}"
    assert told_["手机号"] == str(address.phone).removeprefix("+86")


def test_report_and_workbook(mall: Mall, order: Order, desk: Client) -> None:
    # given
    mall.pay(order)
    gone = mall.place({mall.tea: 1})
    desk.post(f"{DESK}cancel/?ids={gone.pk}", {"reason": "buyer"})

    # when
    text = desk.get(f"{DESK}report/").content.decode()
    book = load_workbook(BytesIO(b"".join(desk.get(f"{DESK}report/?format=xlsx").streaming_content)))

    # then
    assert "买家取消" in text
    assert text.count("订单报表") >= 2 and "订单台</a>" not in text.split("订单报表")[-1]
    assert book.sheetnames == ["按机构（下单时归属）", "按业务线", "按日", "关闭原因"]
    lines = {row[0]: row[1:4] for row in list(book["按业务线"].values)[2:]}
    assert lines == {"综合": (1, 1, 0), "商品": (1, 0, 0)}
    assert list(book["关闭原因"].values)[2:] == [("买家取消", 1)]
    assert AuditEntry.objects.filter(action="backoffice.export.made").count() == 1
    for bad in ("first=x", "first=9999-99-99&last=0001-01-01", "line=zz", "unit=%00"):
        assert desk.get(f"{DESK}report/?{bad}").status_code == 200, bad


def test_report_of_a_unit(mall: Mall, order: Order, desk: Client) -> None:
    # given: an order of B111's, another of nobody's
    org = small_org()
    mall.place({mall.tea: 1})
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": org["B111"], "org_path": org["B111"].path, "basis": "test"}
    )
    OrderProfile.objects.filter(pk=order.pk).update(org_path=org["B111"].path)
    unit = org["B111"].parent.code

    def placed(asked: str) -> int:
        page = desk.get(f"{DESK}report/?format=xlsx&unit={asked}")
        book = load_workbook(BytesIO(b"".join(page.streaming_content)))
        return sum(int(str(row[1])) for row in list(book["按日"].values)[2:])

    # when
    with CaptureQueriesContext(connection) as captured:
        assert placed(unit) == 1

    # then
    asked = [one["sql"] for one in captured if f"""."code" = '{unit}'""" in one["sql"]]
    assert len(asked) == 1
    assert (placed(""), placed("nowhere")) == (2, 0)


@pytest.mark.parametrize(
    ("who", "seen", "acted"),
    [("looks", 200, 403), ("other", 404, 404), ("clerk", 200, 200), ("shopper", 302, 302)],
)
def test_pages_in_reach(mall: Mall, order: Order, who: str, seen: int, acted: int) -> None:
    # given: an order of B111's
    mall.pay(order)
    org = small_org()
    OrderAttribution.objects.update_or_create(
        order=order, defaults={"unit": org["B111"], "org_path": org["B111"].path, "basis": "test"}
    )
    every = ["order.view", "order.edit", "order.price", "order.fulfil", "order.cancel"]
    user = {
        "looks": lambda: person(org["B111"], "looks", ["order.view"]),
        "other": lambda: person(org["B121"], "other", every),
        "clerk": lambda: person(org["B111"], "clerk", every),
        "shopper": lambda: mall.world.customer,
    }[who]()
    client = browser(user)
    before = OrderTimeline.objects.count()

    # then
    assert client.get(f"{DESK}{order.pk}/change/").status_code == seen
    for name in ("mark", "picking", "slips", "ship"):
        assert client.get(f"{DESK}{name}/?ids={order.pk}").status_code == acted, name
    for name in ("mark", "price", "ship", "cancel"):
        assert client.get(f"{DESK}{name}/").status_code in (302, 403, 404), name
    if acted != 200:
        for name in ("mark", "picking", "slips", "ship", "cancel", "price"):
            client.post(f"{DESK}{name}/?ids={order.pk}", {"flag": "red", "reason": "x"})
        assert OrderTimeline.objects.count() == before
        assert OrderProfile.objects.get(order=order).flag == ""


def test_a_channel_is_called_by_its_name(mall: Mall, order: Order, desk: Client) -> None:
    # given
    OrderProfile.objects.filter(pk=order.pk).update(channel_type="micro_shop", channel_code="SHP34679")

    # when
    page = desk.get(f"/admin/o2o_ordering/orderprofile/{order.pk}/change/").content.decode()

    # then
    assert "社区微店 SHP34679" in page
    assert "micro_shop" not in page
