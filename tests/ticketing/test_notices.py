"""供应商通知: who has one worked on again, what the home page says; codes are never shown, none blocks others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.kernel.access import SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import NoticeState
from plugins.ticketing.kernel.models import SupplierNotice
from plugins.ticketing.kernel.services import notices
from plugins.ticketing.kernel.tasks import work_notices
from plugins.ticketing.kernel.todo import notices as todo

from ..orgs import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(db: None) -> SupplierNotice:
    return SupplierNotice.objects.create(
        adapter="supplier_gone", number="P000000000007", kind="issued", subject="GY0001", body="取票密码 482913",
        state=NoticeState.STUCK, why="客票网查不到：GY0001", next_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "permissions", "looks", "works"),
    [
        ("CQ", [SUPPLIER_VIEW, SUPPLIER_EDIT], 200, 200), ("CQ", [SUPPLIER_VIEW], 200, 403),
        ("B111", [SUPPLIER_VIEW, SUPPLIER_EDIT], 200, 403), ("CQ", [], 403, 404),
    ],
)  # fmt: skip
def test_who_looks_and_who_has_it_worked_on(
    stuck: SupplierNotice, org: dict[str, OrgUnit], client: Client, unit: str, permissions: list[str], looks: int,
    works: int,
) -> None:  # fmt: skip
    # given
    client.force_login(person(org[unit], "somebody", permissions))

    # when
    page = client.get(reverse("admin:o2o_ticketing_suppliernotice_change", args=[stuck.pk]))
    again = client.get(reverse("admin:o2o_ticketing_suppliernotice_again", args=[stuck.pk]))

    # then
    assert (page.status_code, again.status_code) == (looks, works)
    assert "482913" not in page.content.decode() and ("现在处理" in page.content.decode()) == (works == 200)


def test_a_stuck_one_is_worked_on_again(
    stuck: SupplierNotice, org: dict[str, OrgUnit], client: Client
) -> None:
    # given
    keeper = person(org["CQ"], "keeper", [SUPPLIER_VIEW, SUPPLIER_EDIT])
    client.force_login(keeper)
    assert [one.title for one in todo(keeper)] == ["供应商通知处理不了：issued"]

    # when
    answer = client.post(reverse("admin:o2o_ticketing_suppliernotice_again", args=[stuck.pk]), follow=True)

    # then: it waits anew, and says why
    stuck.refresh_from_db()
    assert answer.status_code == 200 and "没有这个供应商的接口" in answer.content.decode()
    assert (stuck.state, stuck.tries) == (NoticeState.WAITING, 1)
    assert todo(keeper) == [] and todo(person(org["B111"], "clerk", [SUPPLIER_VIEW, SUPPLIER_EDIT])) == []


def test_one_that_breaks_our_own_code_keeps_nobody_waiting(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the older of two is of a kind that our code stumbles over
    def breaks(notice: SupplierNotice) -> None:
        if notice.number == "N1":
            raise KeyError("drvDate")

    monkeypatch.setitem(notices._sources, "test", notices.NoticeSource("测试", {}, breaks))
    bad, good = (notices.take_in("test", number, "x", "", b"{}") for number in ("N1", "N2"))

    # when
    assert work_notices() == 1

    # then
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.tries, bad.why) == ("waiting", 1, "系统处理时出错（KeyError）")
    assert good.state == "done"
