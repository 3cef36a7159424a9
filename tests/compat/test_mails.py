"""Every mail stock sends has our Chinese template, with a plain and an HTML part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import saleor
from django.conf import settings
from django.core import mail
from django.template import Context, Template
from django.test import override_settings
from saleor.account import emails as account_emails
from saleor.account.models import StaffNotificationRecipient
from saleor.order import emails as order_emails
from saleor.order.models import Fulfillment
from saleor.product.models import DigitalContent

from tests.stock.world import World, make_order

URL = "https://www.example.com/go"


def read(message: Any) -> tuple[str, str, str]:
    """Subject, plain text and HTML; fails on a variable that is missing or a tag left over."""
    html = message.alternatives[0][0]
    for text in (message.subject, message.body, html):
        assert "MISSING" not in text
        assert "{%" not in text
        assert "{{" not in text
        assert "None" not in text
    assert html.startswith("<!doctype html>")
    assert "\n" not in message.subject
    return message.subject, message.body, html


def test_every_template_of_stock_exists() -> None:
    # given the names in the code of stock's mail modules
    package = Path(saleor.__file__).parent
    names = {"dashboard/staff/set_password", "dashboard/customer/set_password"}
    for module in ("account/emails.py", "order/emails.py"):
        names |= set(re.findall(r'"((?:account|order)/[a-z_/]+)"', (package / module).read_text()))
    # when
    folder = Path(settings.TEMPLATES[0]["DIRS"][0]) / "templated_email"
    ours = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.email")}
    # then
    assert len(names) == 12
    assert ours == names


def test_account_mails(world: World) -> None:
    # when
    account_emails.send_account_confirmation_email(world.customer, URL)
    account_emails.send_user_password_reset_email_with_url(URL, world.customer)
    account_emails.send_user_change_email_url(URL, world.customer, "new@example.com", "token-1")
    account_emails.send_user_change_email_notification("old@example.com")
    account_emails.send_account_delete_confirmation_email_with_url(URL, world.customer)
    account_emails.send_set_password_email_with_url(URL, world.customer)
    account_emails.send_set_password_email_with_url(URL, world.admin, staff=True)
    # then
    subjects = [read(message)[0] for message in mail.outbox]
    assert subjects == [
        "请验证您的邮箱",
        "重设您的密码",
        "请确认您的新邮箱",
        "您的账户邮箱已更改",
        "请确认注销账户",
        "请设置您的账户密码",
        "请设置您的员工账户密码",
    ]
    for number, message in enumerate(mail.outbox):
        _subject, plain, html = read(message)
        assert "邮乐生活" in plain
        if number != 3:
            link = re.search(r"https://www\.example\.com/go\?\S+", plain)
            assert link
            assert link.group().replace("&", "&amp;") in html
    assert mail.outbox[2].to == ["new@example.com"]


def test_order_mails(world: World) -> None:
    # given an order whose product's name would break HTML
    StaffNotificationRecipient.objects.create(user=world.admin)
    world.product.name = "脐橙 <b>&"
    order = make_order(world)
    DigitalContent.objects.create(product_variant=world.variant, content_file="map.pdf")
    fulfillment = Fulfillment.objects.create(order=order, tracking_number="EMS1234")
    fulfillment.lines.create(order_line=order.lines.get(), quantity=2, stock=world.stock)
    # when
    order_emails.send_order_confirmation(order.pk, URL)
    order_emails.send_staff_order_confirmation(order.pk, URL)
    order_emails.send_payment_confirmation(order.pk)
    order_emails.send_fulfillment_confirmation(order.pk, fulfillment.pk)
    order_emails.send_fulfillment_update(order.pk, fulfillment.pk)
    # then
    sent = [read(message) for message in mail.outbox]
    assert [subject for subject, _plain, _html in sent] == [
        f"订单 #{order.pk} 已提交",
        f"新订单 #{order.pk}",
        f"订单 #{order.pk} 付款成功",
        f"订单 #{order.pk} 已发货",
        f"订单 #{order.pk} 的物流信息已更新",
    ]
    assert mail.outbox[1].to == ["admin@example.com"]
    for _subject, plain, html in sent[:3]:
        assert "脐橙 <b>&（5 千克） × 2" in plain
        assert "脐橙 &lt;b&gt;&amp;（5 千克）" in html
        assert "89.80" in plain
        assert "民族路 18 号" in html
    assert f"token={order.token}" in sent[0][1]
    for _subject, plain, html in sent[3:]:
        assert "运单号：EMS1234" in plain
        assert "EMS1234" in html


def test_digital_lines_carry_their_link(world: World) -> None:
    # given
    world.product_type.is_digital, world.product_type.is_shipping_required = True, False
    world.product_type.save()
    order = make_order(world)
    content = DigitalContent.objects.create(product_variant=world.variant, content_file="map.pdf")
    url = content.urls.create(line=order.lines.get())
    url.refresh_from_db()
    fulfillment = Fulfillment.objects.create(order=order)
    fulfillment.lines.create(order_line=order.lines.get(), quantity=2, stock=world.stock)
    # when
    order_emails.send_fulfillment_confirmation(order.pk, fulfillment.pk)
    # then
    assert f"http://shop.example.com/digital-download/{url.token}/" in mail.outbox[0].body


def test_address_and_price_tags(world: World) -> None:
    # given
    load = "{% load i18n_address_tags taxed_prices %}"
    context = Context({"address": world.address, "price": make_order(world).total.gross})
    # when
    block = Template(load + "{% format_address address %}").render(context).strip()
    line = (
        Template(load + "{% format_address address include_phone=False inline=True %}")
        .render(context)
        .strip()
    )
    price = Template(load + "{% price price html=False %}").render(context).strip()
    # then
    assert block.startswith("<address>")
    assert "重庆市" in block
    assert "+8613800138000" in block.replace(" ", "")
    assert "138" not in line.replace(" ", "")
    assert "，" in line
    assert "89.80" in price


@override_settings(STOREFRONT_URL="")
def test_home_page(rf: Any, db: None) -> None:
    from saleor.core.views import home

    assert "社区便民生活服务平台" in home(rf.get("/")).render().content.decode()
