"""The home page: exact numbers, few statements, money only for those who may see it."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saleor_o2o.backoffice.dashboard import days, worries
from saleor_o2o.kernel.clock import frozen
from tests.orgs import person, small_org

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_days_count_orders_and_money_by_local_day(place, people):
    # given orders a minute before and after midnight in Shanghai
    midnight = NOON.replace(hour=0)
    place("paid", midnight - timedelta(minutes=1))
    place("refunded", midnight + timedelta(minutes=1))
    place("pending", NOON)

    # when
    found = days(people["superuser"], NOON.date(), 3)

    # then
    assert [(day.orders, day.worth, day.received, day.refunded) for day in found] == [
        (0, Decimal("0.00"), Decimal("0.00"), Decimal("0.00")),
        (1, Decimal("79.80"), Decimal("79.80"), Decimal("0.00")),
        (2, Decimal("159.60"), Decimal("79.80"), Decimal("39.90")),
    ]


def test_home_shows_the_day(place, visit):
    # given
    with frozen(NOON):
        place("refunded", NOON - timedelta(hours=1))
        place("pending", NOON - timedelta(minutes=12))
        place("paid", NOON - timedelta(days=1))

        # when
        context = visit("orders", reverse("admin:index")).context

    # then
    assert {card.title: card.value for card in context["o2o_cards"]} == {
        "今日订单": "2",
        "今日实收": "¥79.80",
        "今日退款": "¥39.90",
        "待支付": "¥79.80",
        "即将超时": "1",
    }
    assert len(context["o2o_latest"]["rows"]) == 3


def test_home_shows_no_money_without_permission(place, visit):
    # given
    place()

    # when
    pages = {who: visit(who, reverse("admin:index")) for who in ("none", "products")}

    # then
    assert "o2o_cards" not in pages["none"].context
    assert pages["none"].context["o2o_worries"] == []
    assert "还没有分配业务权限" in pages["none"].content.decode()
    assert "¥79.80" not in pages["products"].content.decode()
    assert [worry.title for worry in pages["products"].context["o2o_worries"]] == ["库存不足 10"]


def test_a_post_of_few_pages_finds_them_on_the_home_page(db):
    # given: somebody who answers refunds for a merchant, and does nothing else
    client = Client()
    client.force_login(
        person(small_org()["C11"], "merchant", ["refund_reply.view"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    # when
    page = client.get(reverse("admin:index"))

    # then
    assert "还没有分配业务权限" not in page.content.decode()
    assert [one["title"] for one in page.context["o2o_pages"]] == ["商家退票答复"]


def test_worries_count_what_waits_for_somebody(everything, people):
    # given, when
    found = {worry.title: worry.number for worry in worries(people["superuser"])}

    # then
    assert found == {
        "支付单需人工处理": 0,
        "支付结果未知": 0,
        "退款异常或失败": 1,
        "账务异常待处理": 1,
        "支付通知未处理": 1,
        "事件投递失败": 1,
        "库存不足 10": 1,
    }


def test_home_costs_the_same_for_many_orders(place, visit):
    # given
    place()
    visit("superuser", reverse("admin:index"))
    with CaptureQueriesContext(connection) as few:
        visit("superuser", reverse("admin:index"))
    for _ in range(12):
        place("refunded")

    # when
    with CaptureQueriesContext(connection) as many:
        visit("superuser", reverse("admin:index"))

    # then
    assert len(many) == len(few) <= 67  # most of them ask the plugins what waits for this person


def test_staff_log_in_with_mail_and_password_in_chinese(people):
    # given a browser that prefers English
    client = Client(headers={"accept-language": "en-US,en;q=0.9"})
    address = "/admin/login/?next=/admin/"

    # when
    page = client.get(address).content.decode()
    wrong = client.post(address, {"username": "orders@example.com", "password": "no"}).content.decode()
    right = client.post(address, {"username": "orders@example.com", "password": "pass-word"})

    # then
    assert "渝邮生活·管理后台" in page
    assert "欢迎登录" in page
    assert "邮箱或密码不正确" in wrong
    assert (right.status_code, right.url) == (302, "/admin/")


def test_shoppers_cannot_log_in(people):
    # given
    client = Client()

    # when
    response = client.post("/admin/login/", {"username": "xiaojiang@example.com", "password": "pass-word"})

    # then
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
