"""The audit page: found by actor, action, subject, period, request and unit; compared; exported; in reach only."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plugins.org_hierarchy.levels import BusinessScope
from plugins.org_hierarchy.models import OrgUnit, Staff
from plugins.org_hierarchy.paths import path_of
from saleor_o2o.kernel.audit import action
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import person
from .city import Rows

pytestmark = pytest.mark.django_db

Visit = Callable[..., Any]
PAGE = reverse("admin:o2o_kernel_auditentry_changelist")
TRIED = action("test.scope.tried", "试了一下")


def line(unit: OrgUnit, **fields: Any) -> AuditEntry:
    return AuditEntry.objects.create(
        **{
            "action": TRIED.name,
            "actor": "system",
            "org_path": unit.path,
            "before": {},
            "after": {},
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("who", "marks"),
    [("ours", {"jia"}), ("theirs", {"yi"}), ("area", {"jia", "yi"}), ("city", {"jia", "yi"}),
     ("superuser", {"jia", "yi"})],
)  # fmt: skip
def test_lines_of_the_units_in_reach(
    ours: Rows, theirs: Rows, visit: Visit, who: str, marks: set[str]
) -> None:
    # when
    shown = visit(who, PAGE, {"q": "test.changed"}).context["cl"].result_list

    # then
    assert {one.actor.removeprefix("user:") for one in shown} == marks
    foreign = {"jia": ours, "yi": theirs}
    for mark, rows in foreign.items():
        page = visit(who, reverse("admin:o2o_kernel_auditentry_change", args=[rows.audit.pk]))
        assert page.status_code == (200 if mark in marks else 404)


def test_found_by_whatever_a_person_knows(
    org: dict[str, OrgUnit], people: dict[str, Any], visit: Visit
) -> None:
    # given
    clerk = people["ours"]
    found = line(
        org["B111"],
        actor=f"user:{clerk.pk}",
        subject_type="order.order",
        subject_id="4711",
        request_id="r" * 32,
    )
    line(org["B121"], subject_id="1"), line(org["A2"], subject_id="2", action="test.other")
    AuditEntry.objects.filter(pk=found.pk)

    def pks(**query: str) -> list[int]:
        return [one.pk for one in visit("superuser", PAGE, query).context["cl"].result_list]

    # then
    for word in (
        "clerk-a@example.com",
        "clerk-a",
        f"user:{clerk.pk}",
        "4711",
        "order.order:4711",
        "r" * 32,
        "B111",
        "C11",
    ):
        assert pks(q=word) == [found.pk], word
    assert len(pks(q="试了")) == len(pks(q=TRIED.name)) == len(pks(action=TRIED.name)) == 2
    assert len(pks(q="CQ")) == 3
    about = line(org["B111"], subject_type="o2o_org_hierarchy.staff", subject_id=str(clerk.o2o_staff.pk))
    Staff.objects.filter(pk=clerk.o2o_staff.pk).update(name="马营业")
    assert pks(q="马营业") == pks(q="clerk-a") == [about.pk, found.pk]  # done by him and done to him
    assert pks(q="甲县一支局") == [about.pk, found.pk]
    grant = clerk.o2o_staff.grants.get()
    given = line(org["B111"], subject_type="o2o_org_hierarchy.rolegrant", subject_id=str(grant.pk))
    assert pks(q="马营业") == [given.pk, about.pk, found.pk]  # and given to him
    assert pks(q="nobody") == []
    day = (now() + timedelta(days=1)).strftime("%Y-%m-%d")
    assert pks(at_from_0=day, at_from_1="00:00:00") == []


def test_before_and_after_stand_side_by_side(org: dict[str, OrgUnit], ours: Rows, visit: Visit) -> None:
    # given: names for what the reader may see, bare numbers for the rest
    foreign = org["C21"]
    entry = line(
        ours.unit,
        subject_type="o2o_org_hierarchy.orgunit",
        subject_id=str(ours.unit.pk),
        before={"name": "旧名", "hours": {"1": []}, "parent": ours.unit.parent_id, "status": "active"},
        after={
            "name": "新名",
            "extra": True,
            "successor": None,
            "reason": "更名",
            "parent": foreign.pk,
            "status": "suspended",
        },
    )

    # when
    response = visit("ours", reverse("admin:o2o_kernel_auditentry_change", args=[entry.pk]))

    # then
    [table] = response.context["o2o_tables"]
    assert sorted(table.rows) == sorted(
        [
            ("机构名称", "旧名", "新名"),
            ("hours", '{"1": []}', "—"),
            ("上级机构", f"C11 甲县中心（{ours.unit.parent_id}）", str(foreign.pk)),
            ("状态", "启用", "停用"),
            ("extra", "—", "是"),
            ("并入机构", "—", "空"),
            ("事由", "—", "更名"),
        ]
    )
    page = response.content.decode()
    assert "试了一下" in page and "甲县一支局" in page
    assert f"试了一下 #{entry.pk}" in page and "o2o_org_hierarchy.orgunit" not in page


def test_lists_and_nested_values_stand_side_by_side_too(ours: Rows, visit: Visit) -> None:
    # given: of several choices, of none, and what has a shape of its own
    entry = line(
        ours.unit,
        subject_type="o2o_org_hierarchy.orgunit",
        subject_id=str(ours.unit.pk),
        before={"business_scope": [], "business_hours": {"1": []}},
        after={"business_scope": ["retail", "ticketing"], "business_hours": {"1": [["08:30", "17:30"]]}},
    )

    # when
    response = visit("ours", reverse("admin:o2o_kernel_auditentry_change", args=[entry.pk]))

    # then
    [table] = response.context["o2o_tables"]
    scopes = "、".join(str(BusinessScope(one).label) for one in ("retail", "ticketing"))
    assert sorted(table.rows) == sorted(
        [
            ("业务范围", "空", scopes),
            ("营业时间", '{"1": []}', '{"1": [["08:30", "17:30"]]}'),
        ]
    )


def test_a_taken_out_line_names_people_and_units(
    org: dict[str, OrgUnit], people: dict[str, Any], browser: Callable[..., Any]
) -> None:
    # given
    taker = person(org["C11"], "taker", ["audit.view", "audit.export"])
    for actor in (f"user:{people['ours'].pk}", "task:approvals.escalate", "system"):
        line(org["B111"], actor=actor)

    # when
    answer = browser(taker).post(
        f"{reverse('admin:o2o_kernel_auditentry_export')}?q={TRIED.name}", {"format": "csv"}
    )

    # then
    _mark, heads, *rows = csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [one["操作者"] for one in found] == ["系统", "系统任务", "clerk-a clerk-a"]
    assert {one["机构"] for one in found} == {"甲县一支局"}
    assert found[-1]["操作者标识"] == f"user:{people['ours'].pk}"
    assert "搜索=test.scope.tried" in _mark[0]


def test_a_page_of_lines_names_people_and_units_in_two_statements(
    org: dict[str, OrgUnit], people: dict[str, Any], visit: Visit
) -> None:
    # given
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            visit("ours", PAGE)
        return len(seen)

    line(org["B111"], actor=f"user:{people['ours'].pk}")
    statements()
    few = statements()
    for code in ("B111", "B112", "C11", "O1111"):
        line(org[code], actor=f"user:{people['theirs'].pk}")

    # then
    assert statements() == few


def test_reading_is_not_taking_out(org: dict[str, OrgUnit], ours: Rows, browser: Callable[..., Any]) -> None:
    # given
    reader = browser(person(org["C11"], "reader", ["audit.view"]))

    # then
    assert reader.get(PAGE).status_code == 200
    assert reader.get(reverse("admin:o2o_kernel_auditentry_export")).status_code == 403


@pytest.mark.parametrize("query", ["?q=%00", "?action=nonsense", "?at_from_0=x", "?subject_type=%27%3B"])
def test_odd_questions_never_fail(ours: Rows, visit: Visit, query: str) -> None:
    # then
    assert visit("ours", f"{PAGE}{query}").status_code in (200, 302)


def test_lines_stay_with_those_who_supervised_then(
    org: dict[str, OrgUnit], browser: Callable[..., Any]
) -> None:
    # given: a branch before and after it was moved to the county next door
    line(org["B111"], subject_id="before")
    branch = org["B111"]
    OrgUnit.objects.filter(pk=branch.pk).update(parent=org["C12"], path=path_of(org["C12"].path, branch.pk))
    line(OrgUnit.objects.get(pk=branch.pk), subject_id="after")
    readers = {code: person(OrgUnit.objects.get(code=code), f"r-{code}", ["audit.view"]) for code in
               ("B111", "C11", "C12", "A1", "A2")}  # fmt: skip

    # when
    pages = {code: browser(reader).get(PAGE) for code, reader in readers.items()}

    # then: the branch and the new county from the move on, the old county what it answers for, the area both
    found = {
        code: {one.subject_id for one in page.context["cl"].result_list if one.action == TRIED.name}
        for code, page in pages.items()
    }
    assert found == {
        "B111": {"after"}, "C12": {"after"}, "C11": {"before"}, "A1": {"before", "after"}, "A2": set(),
    }  # fmt: skip
    assert "机构划转以前的记录仍由原上级查看" in pages["C12"].content.decode()
