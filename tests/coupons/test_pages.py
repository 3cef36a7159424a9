"""The back office: a template from draft to published, a trial, a list of members, the report."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from plugins.coupons.models import Coupon, CouponImport, CouponTemplate
from plugins.members.interfaces import Member
from tests.ordering.conftest import Mall

from .conftest import Make, cart_of, choose, place, pocket, state_of


def desk(mall: Mall) -> Client:
    """A browser of the administrator's."""
    client = Client()
    client.force_login(mall.world.admin)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_coupons_{name}", args=args)


def filled(**changes: Any) -> dict[str, Any]:
    """The form of a template: ten off a hundred."""
    return {
        "code": "N1", "name": "国庆券", "note": "", "kind": "amount", "threshold": "100", "amount": "10", "rate": "",
        "most_off": "", "pieces": "", "scope": "all", "valid_days": "30", "quantity": "", "per_member": "1",
        "grace_days": "0", "with_sale": "on", "with_member_price": "on", "with_voucher": "on", "with_points": "on",
        "stacking": "alone", "platform_share": "100", "unit_share": "0", "merchant_share": "0",
        "valid_from_0": "", "valid_from_1": "", "valid_until_0": "", "valid_until_1": "", **changes,
    }  # fmt: skip


def test_from_draft_to_pocket(mall: Mall, org: dict[str, Any], member: Member) -> None:
    # given
    client = desk(mall)
    owner = str(org["CQ"].pk)

    # when shares do not sum, then they do
    wrong = client.post(page("coupontemplate_add"), filled(owner=owner, platform_share="90"))
    right = client.post(page("coupontemplate_add"), filled(owner=owner))

    # then the first is said beside the field and kept, the second is a draft
    assert "三方承担合计要等于 100%" in wrong.content.decode()
    assert "国庆券" in wrong.content.decode()
    assert right.status_code == 302, right.content.decode()[:3000]
    made = CouponTemplate.objects.get(code="N1")
    assert made.state == "draft"

    # when tried on a basket, published, given
    tried = client.post(
        page("coupontemplate_preview", made.pk), {"goods": f"TEA 2\n{mall.orange.sku} 1", "shipping": "10"}
    ).content.decode()
    client.post(page("coupontemplate_move", made.pk, "publish"), {"do": "1"})
    again = client.post(
        page("coupontemplate_give", made.pk),
        {"members": member.number, "pieces": "1", "reason": "致歉", "key": "k1"},
        follow=True,
    ).content.decode()

    # then
    assert "¥159.90" in tried  # 120.00 + 39.90 + 10.00 − 10.00
    assert "已发出 1 张" in again
    assert Coupon.objects.get().member_id == member.pk

    # when the terms are changed after that, only the name is
    client.post(page("coupontemplate_change", made.pk), filled(owner=owner, name="国庆大礼", amount="90"))
    made = CouponTemplate.objects.get(code="N1")
    assert (made.name, made.amount) == ("国庆大礼", Decimal("10.00"))


def test_a_list_is_given_whole_or_not_at_all(mall: Mall, template: Make, member: Member) -> None:
    # given a file with a wrong row, then one without
    client = desk(mall)
    made = template()

    def sent(*rows: tuple[str, ...]) -> CouponImport:
        book = Workbook()
        sheet: Any = book.active
        for row in (("会员号或手机号", "模板代码", "张数", "原因"), *rows):
            sheet.append(row)
        file = io.BytesIO()
        book.save(file)
        client.post(page("coupon_import"), {"file": SimpleUploadedFile("a.xlsx", file.getvalue())})
        return CouponImport.objects.latest("pk")

    wrong = sent((member.number, made.code, "2", "补偿"), ("M0", made.code, "1", "补偿"))
    right = sent((member.number, made.code, "2", "补偿"))

    # when
    seen = client.get(page("coupon_import_preview", wrong.pk)).content.decode()
    client.post(page("coupon_import_preview", wrong.pk), {"confirm": "1"})
    none = Coupon.objects.count()
    for _twice in range(2):
        client.post(page("coupon_import_preview", right.pk), {"confirm": "1"})

    # then
    assert "没有这个会员" in seen
    assert none == 0
    assert Coupon.objects.filter(member=member).count() == 2


def test_void_and_report(mall: Mall, template: Make, member: Member) -> None:
    # given a used coupon and one to void
    client = desk(mall)
    used, wrong = pocket(template(), member, 2)
    cart = cart_of(mall)
    choose(cart, mall.world.customer, used.number)
    order = place(mall, cart, "139.80")
    mall.pay(order)

    # when
    client.post(page("coupon_void", wrong.pk), {"reason": "发错", "do": "1"})
    report = client.get(page("coupontemplate_report")).content.decode()
    book = client.get(page("coupontemplate_report"), {"format": "xlsx"})
    shown = client.get(page("coupon_change", used.pk)).content.decode()
    on_order = client.get(reverse("admin:o2o_ordering_orderprofile_change", args=[order.pk])).content.decode()
    around = client.get(reverse("admin:o2o_members_member_change", args=[member.pk])).content.decode()
    listed = client.get(page("coupon_changelist"), {"q": member.number}).content.decode()

    # then
    assert state_of(wrong) == "void"
    assert "券 T1" in report
    assert "¥10.00" in report
    assert book.status_code == 200
    assert "核销与费用承担" in shown
    assert "优惠明细" in on_order
    assert used.number in on_order
    assert used.number in listed
    assert used.number in around
    for name in ("coupontemplate", "coupongiving"):
        assert client.get(page(f"{name}_changelist")).status_code == 200
        assert client.get(page(f"{name}_add")).status_code == 200
