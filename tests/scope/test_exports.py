"""Taking rows out: who may, which rows, masked, safe for a spreadsheet, watermarked, audited, in bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from saleor.order.models import Order

from plugins.org_hierarchy.access.registry import permissions
from saleor_o2o.backoffice.admin import export
from saleor_o2o.backoffice.admin.base import ScopedAdmin
from saleor_o2o.backoffice.admin.export import filters_of, written
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import grant, person
from .city import Rows, order_at
from .planting import MARK, NAMES, foreign_county

pytestmark = pytest.mark.django_db

Visit = Callable[..., Any]
PAGE = "o2o_backoffice_order"
EXPORTS = [page for page in admin.site._registry.values() if isinstance(page, ScopedAdmin) and page.export]
#: Pages that show some of a table's rows: what a planted row must say to be among them.
SHOWN_AS = {"o2o_loyalty.Balance": {"book": "balance"}}


def address(page: str = PAGE, query: str = "") -> str:
    return f"{reverse(f'admin:{page}_export')}{query}"


def lines(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("who", "status", "marks"),
    [
        ("anonymous", 302, None),
        ("shopper", 302, None),
        ("ours", 200, {"jia"}),
        ("theirs", 200, {"yi"}),
        ("area", 200, {"jia", "yi"}),
        ("city", 200, {"jia", "yi"}),
        ("superuser", 200, {"jia", "yi"}),
    ],
)
def test_everybody_takes_out_what_he_may_see(
    ours: Rows, theirs: Rows, visit: Visit, who: str, status: int, marks: set[str] | None
) -> None:
    # when
    response = visit(who, address(), {"format": "csv"}, "post")

    # then
    assert response.status_code == status
    if marks is not None:
        found = {row[-1].removesuffix("留言") for row in lines(response)[2:]}
        assert found == marks


def test_export_is_a_right_of_its_own(org: dict[str, Any], ours: Rows, browser: Callable[..., Any]) -> None:
    # given: sees the county; may take out what belongs to another of its branches
    clerk = person(org["C11"], "clerk", ["order.view"])
    client = browser(clerk)
    assert client.get(reverse(f"admin:{PAGE}_changelist")).status_code == 200
    assert client.get(address()).status_code == 403
    assert client.post(address(), {"format": "csv"}).status_code == 403
    assert "导出" not in client.get(reverse(f"admin:{PAGE}_changelist")).content.decode()

    # when
    grant(clerk.o2o_staff, org["B112"], ["order.export"])
    order = order_at(org["B112"], "bing")

    # then
    assert [row[0] for row in lines(client.post(address(), {"format": "csv"}))[2:]] == [str(order.pk)]
    assert "导出" in client.get(reverse(f"admin:{PAGE}_changelist")).content.decode()


def test_the_filters_of_the_page_count_and_are_written_down(ours: Rows, visit: Visit) -> None:
    # given: an order and a draft
    response = visit("ours", address(query="?status=draft&q=&o=1&p=0"))

    # then: said before it is done
    page = response.content.decode()
    assert response.context["o2o_count"] == 1
    assert "status = draft" in page and "脱敏" not in page and "完整显示" in page

    # when
    found = lines(visit("ours", address(query="?status=draft&q=&o=1&p=0"), {"format": "csv"}, "post"))

    # then
    assert [row[0] for row in found[2:]] == [str(ours.draft.pk)]
    line = AuditEntry.objects.get(action="backoffice.export.made")
    assert line.after == {
        "page": "o2o_backoffice.order",
        "filters": {"status": "draft"},
        "rows": 1,
        "format": "csv",
        "unmasked": True,
    }
    [mark] = found[0]
    for words in ("clerk-a@example.com", "status=draft", "行数：1", f"审计号：{line.pk}"):
        assert words in mark


def test_personal_data_is_masked_but_for_those_who_may_see_it(
    org: dict[str, Any], ours: Rows, browser: Callable[..., Any]
) -> None:
    # given: takes out the county, sees one branch of it whole
    clerk = person(org["C11"], "clerk", ["order.view", "order.export"])
    other = order_at(org["B112"], "bing", ours.customer)
    client = browser(clerk)

    # when, then
    text = str(lines(client.post(address(), {"format": "csv"})))
    for secret in ("jia@example.com", "bing@example.com", "13800138000", "jia名", "jia路"):
        assert secret not in text
    assert "j***@example.com" in text and "138****8000" in text

    # when
    grant(clerk.o2o_staff, org["B111"], ["customer.unmask"])
    found = {row[0]: str(row) for row in lines(client.post(address(), {"format": "csv"}))[2:]}

    # then
    assert "jia@example.com" in found[str(ours.order.pk)] and "13800138000" in found[str(ours.order.pk)]
    assert "bing@example.com" not in found[str(other.pk)] and "13800138000" not in found[str(other.pk)]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ('=HYPERLINK("http://evil")', '\'=HYPERLINK("http://evil")'),
        ("+8613800138000", "'+8613800138000"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("脐橙 5 千克", "脐橙 5 千克"),
        (Decimal("-39.90"), Decimal("-39.90")),
        (True, "是"),
        (None, ""),
        ("—", ""),
        (date(2026, 11, 3), "2026-11-03"),
        ({"a": "=1"}, "{'a': '=1'}"),
    ],
)
def test_no_text_is_a_formula(value: Any, cell: Any) -> None:
    # then
    assert written(value) == cell


def test_excel_gets_numbers_and_legal_text(ours: Rows, visit: Visit) -> None:
    # given
    Order.objects.filter(pk=ours.order.pk).update(customer_note="=1+1\x0b")

    # when
    response = visit("ours", address(), {"format": "xlsx"}, "post")

    # then
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = {row[0]: row for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert rows[ours.order.pk][4] == 79.8
    assert rows[ours.order.pk][-1] == "'=1+1"
    assert ".xlsx" in response["Content-Disposition"]


def test_too_much_for_excel_says_what_to_do(
    ours: Rows, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(export, "XLSX_ROWS", 1)

    # when
    response = visit("ours", address(), {"format": "xlsx"}, "post")

    # then
    assert response.status_code == 200
    assert "最多 1 行，当前有 2 行。请缩小筛选范围，或改用 CSV 格式" in response.content.decode()
    assert not AuditEntry.objects.filter(action="backoffice.export.made").exists()


def test_statements_grow_with_chunks_not_with_rows(
    ours: Rows, visit: Visit, org: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(export, "CHUNK", 10)

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            lines(visit("ours", address(), {"format": "csv"}, "post"))
        return len(seen)

    statements()
    few = statements()
    for _each in range(7):
        order_at(org["B111"], "jia", ours.customer)

    # then: nine orders are one chunk, nineteen are two
    assert statements() == few
    for _each in range(10):
        order_at(org["B111"], "jia", ours.customer)
    assert few < statements() <= few + 4


@pytest.mark.parametrize("page", EXPORTS, ids=lambda page: page.model._meta.label_lower)
def test_every_export_works_names_a_permission_and_keeps_to_the_county(
    ours: Rows, theirs: Rows, visit: Visit, page: ScopedAdmin
) -> None:
    # given
    name = f"{page.opts.app_label}_{page.opts.model_name}"
    assert page.export is not None and page.export.permission in permissions()
    assert page.export.permission.endswith(".export")

    # when
    own = visit("ours", address(name), {"format": "csv"}, "post")
    every = visit("superuser", address(name), {"format": "csv"}, "post")

    # then
    assert (own.status_code, every.status_code) == (200, 200)
    text = str(lines(own))
    assert "yi" not in text.replace("company", "")
    assert len(lines(visit("superuser", address(name), {"format": "csv"}, "post"))) >= 2


def test_a_bad_filter_never_fails(ours: Rows, visit: Visit) -> None:
    for query in ("?created_from=nonsense", "?status=%00", "?o=99.99", "?created__year=9999999"):
        # then
        assert visit("ours", address(query=query)).status_code in (200, 302, 400), query


def test_what_only_arranges_is_no_filter(rf: Any) -> None:
    # then
    assert filters_of(rf.get("/?q=0001&p=2&o=1&all=&status=draft&status=paid")) == {
        "q": "0001",
        "status": "draft、paid",
    }


@pytest.mark.parametrize("page", EXPORTS, ids=lambda page: page.model._meta.label_lower)
def test_every_export_holds_one_s_own_counts_it_and_ends_with_the_right(
    org: dict[str, Any], browser: Callable[..., Any], page: ScopedAdmin
) -> None:
    # given: a row of the county next door, somebody there, somebody here, with every right
    planter = foreign_county(org, [page.model])
    name = f"{page.opts.app_label}_{page.opts.model_name}"
    here, there = (person(org[code], f"head-{code}", list(permissions())) for code in ("C11", "C12"))
    assert page.export is not None
    if page.model in planter.failed:
        pytest.skip(planter.failed[page.model])
    if told := SHOWN_AS.get(page.model._meta.label):
        concrete: Any = page.model._meta.concrete_model
        concrete._base_manager.filter(pk=planter.known[concrete].pk).update(**told)

    # when
    ours, theirs = (lines(browser(who).post(address(name), {"format": "csv"})) for who in (here, there))

    # then: written down with the number of rows that left
    assert not any(word in str(ours[2:]) for word in (MARK, *NAMES))
    noted = list(AuditEntry.objects.filter(action="backoffice.export.made").order_by("pk"))
    assert [line.after["rows"] for line in noted] == [len(ours) - 2, len(theirs) - 2]
    assert [line.actor for line in noted] == [f"user:{here.pk}", f"user:{there.pk}"]
    assert len(theirs) - 2 >= 1

    # when: the page is open, and the right to take out is gone by the time of the click
    client = browser(there)
    assert client.get(address(name)).status_code == 200
    for grant_of in there.o2o_staff.grants.select_related("role"):
        role = grant_of.role
        role.permissions = [code for code in role.permissions if code != page.export.permission]
        role.save()

    # then
    assert client.post(address(name), {"format": "csv"}).status_code == 403
    assert AuditEntry.objects.filter(action="backoffice.export.made").count() == 2
