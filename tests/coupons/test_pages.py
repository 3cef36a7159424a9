"""The back office: a template from draft to published, a trial, a list of members, the report."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from plugins.coupons.models import Coupon, CouponGiving, CouponImport, CouponTemplate
from plugins.members.interfaces import Member
from plugins.org_hierarchy.services.templates import expand, post_templates
from tests.ordering.conftest import Mall
from tests.orgs import person

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


def post_of(unit: Any, post: str) -> Client:
    """A browser of somebody who holds a post of the company."""
    [template] = [one for one in post_templates() if one.code == post]
    client = Client()
    client.force_login(
        person(unit, post, expand(template.patterns)), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.parametrize(
    ("post", "where", "opened"),
    [
        ("branch-clerk", "B111", {"coupon_changelist"}),
        ("branch-manager", "B111", {"coupon_changelist", "coupontemplate_add", "coupon_import"}),
        ("branch-courier", "B111", set()),
        ("county-finance", "C11", {"coupon_changelist", "coupontemplate_report"}),
        ("city-marketing", "CQ", {"coupon_changelist", "coupontemplate_add", "coupon_import"}),
        ("city-accountant", "CQ", {"coupon_changelist", "coupontemplate_report"}),
    ],
)
def test_the_companys_posts_open_what_they_need(
    mall: Mall, org: dict[str, Any], post: str, where: str, opened: set[str]
) -> None:
    client = post_of(org[where], post)
    for name in ("coupon_changelist", "coupontemplate_report"):
        wanted = 200 if opened else 403
        assert client.get(page(name)).status_code == wanted, name
    for name in ("coupontemplate_add", "coupon_import"):
        assert client.get(page(name)).status_code == (200 if name in opened else 403), name


def test_a_branch_gives_in_its_own_name_and_for_any_category(
    mall: Mall, org: dict[str, Any], template: Make
) -> None:
    # given: a city's template, which binds everybody
    template("ALL")
    client = post_of(org["B111"], "branch-manager")

    # when
    terms = client.get(page("coupontemplate_add")).context["adminform"].form
    ways = client.get(page("coupongiving_add")).context["adminform"].form

    # then
    own = terms.fields["owner"].queryset
    assert org["B111"] in own and all(one.path.startswith(org["B111"].path) for one in own)
    assert terms.fields["categories"].queryset.exists()
    assert not ways.fields["template"].queryset.exists()


def test_a_giving_says_what_does_not_go_together(mall: Mall, template: Make) -> None:
    # given
    told = {
        "template": str(template("ALL").pk), "mode": "claim", "pieces": "1", "starts_at_0": "2026-11-02",
        "starts_at_1": "10:00", "ends_at_0": "2026-11-01", "ends_at_1": "10:00", "least": "5", "channel": "",
    }  # fmt: skip

    # when
    shown = desk(mall).post(page("coupongiving_add"), told).content.decode()

    # then
    assert "结束时间要晚于开始时间" in shown and "其他方式请填 0" in shown
    assert not CouponGiving.objects.exists()


def test_whoever_gives_reads_which_member_it_was(mall: Mall, template: Make, member: Member) -> None:
    # given: one who has had his, one who is not there
    made = template("ALL", per_member=1)
    pocket(made, member)
    told = {"members": f"{member.number} M0", "pieces": "1", "reason": "致歉", "key": "k1"}

    # when
    unknown = desk(mall).post(page("coupontemplate_give", made.pk), told).content.decode()
    full = desk(mall).post(page("coupontemplate_give", made.pk), {**told, "members": member.number})

    # then
    assert "没有这些会员，或不在您的数据范围：M0" in unknown and "致歉" in unknown
    assert f"会员 {member.number}：已领满这种优惠券。全部都没有发出" in full.content.decode()
    assert Coupon.objects.count() == 1
