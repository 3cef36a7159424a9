"""The pages of units: who sees them, forms that keep what was typed, blockers with links, chart, map, files."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from saleor.account.models import User
from saleor.order.models import Order

from plugins.org_hierarchy.admin import chart
from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import (
    OrderAttribution,
    OrgUnit,
    PlannedMove,
    SettlementAccount,
    UnitImport,
    UnitVersion,
)
from plugins.org_hierarchy.services.closing import close_unit
from plugins.org_hierarchy.services.editing import edit_unit
from plugins.org_hierarchy.services.moving import move_unit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, person, small_org, unit
from .test_tree_files import book, new

pytestmark = pytest.mark.django_db

EVERYTHING = [
    f"org_unit.{one}" for one in ("view", "create", "edit", "move", "close", "account", "import", "export")
]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return small_org()


@pytest.fixture
def manager(org: dict[str, OrgUnit]) -> User:
    return person(org["A1"], "manager", [*EVERYTHING, "order.view", "staff.view"])


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend=BACKEND)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_org_hierarchy_{name}", args=args)


def typed(one: OrgUnit, **changes: Any) -> dict[str, Any]:
    """The form of a unit as a browser would send it back."""
    return {
        "code": one.code,
        "name": one.name,
        "short_name": one.short_name,
        "effective_from": one.effective_from.isoformat(),
        "datum": "gcj02",
        "seen": one.revision,
        **changes,
    }


PAGES = [
    ("orgunit_changelist", ""),
    ("orgunit_add", ""),
    ("orgunit_chart", ""),
    ("orgunit_chart_units", ""),
    ("orgunit_map", ""),
    ("orgunit_map_points", ""),
    ("orgunit_import", ""),
    ("orgunit_import_template", ""),
    ("orgunit_export", ""),
    ("plannedmove_changelist", ""),
    ("orgunit_change", "B111"),
    ("orgunit_status", "B111"),
    ("orgunit_move", "B111"),
    ("orgunit_close", "B111"),
    ("orgunit_account", "B111"),
    ("orgunit_orders", "B111"),
    ("orgunit_people", "B111"),
]
FOR_LOOKING = {
    "orgunit_changelist", "orgunit_chart", "orgunit_chart_units", "orgunit_map", "orgunit_map_points",
    "plannedmove_changelist", "orgunit_change", "orgunit_orders", "orgunit_people",
}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), PAGES)
def test_who_opens_which_page(org: dict[str, OrgUnit], manager: User, name: str, code: str) -> None:
    # given
    address = page(name, *([org[code].pk] if code else []))
    viewer = person(org["A1"], "viewer", ["org_unit.view"])
    outside = person(org["A2"], "outside", EVERYTHING)
    nobody = person(org["A1"], "nobody", ["order.view"])
    shopper = User.objects.create_user("x@example.com", "pass-word")

    # then
    assert client_of(manager).get(address).status_code == 200
    assert client_of(viewer).get(address).status_code == (200 if name in FOR_LOOKING else 403)
    assert client_of(outside).get(address).status_code == (404 if code else 200)
    hidden = 404 if code and name != "orgunit_change" else 403
    assert client_of(nobody).get(address).status_code == hidden
    assert client_of(shopper).get(address).status_code == 302
    assert Client().get(address).status_code == 302


def test_a_unit_is_set_up_and_what_is_wrong_keeps_what_was_typed(
    org: dict[str, OrgUnit], manager: User
) -> None:
    # given
    client = client_of(manager)
    address = page("orgunit_add")
    form = {
        "parent": org["C11"].pk,
        "name": "新支局",
        "code": "B111",
        "datum": "gcj02",
        "effective_from": "2026-01-01",
    }
    assert "甲县中心" in client.get(f"{address}?parent={org['C11'].pk}").content.decode()

    # when: the code is taken, then the position swapped, then all is well
    for change, words in (
        ({}, "机构代码 B111 已被使用"),
        ({"code": "", "lng": "29.5", "lat": "106.5"}, "写反了"),
    ):
        answer = client.post(address, {**form, **change})
        # then
        text = answer.content.decode()
        assert answer.status_code == 200 and words in text and "新支局" in text
        assert OrgUnit.objects.count() == len(org)
    answer = client.post(
        address, {**form, "code": "", "business_hours": "每天 09:00-18:00", "business_scope": ["retail"]}
    )
    made = OrgUnit.objects.get(name="新支局")
    assert answer.status_code == 302
    assert (made.code, made.parent, made.business_scope) == ("C11-001", org["C11"], ["retail"])
    assert made.business_hours["7"] == [["09:00", "18:00"]]
    # a parent out of reach is none
    answer = client.post(address, {**form, "parent": org["C21"].pk, "code": ""})
    assert "不在您的管辖范围内" in answer.content.decode()


def test_an_edit_over_a_newer_one_is_told_and_saved_the_second_time(
    org: dict[str, OrgUnit], manager: User
) -> None:
    # given
    client = client_of(manager)
    address = page("orgunit_change", org["B111"].pk)
    form = typed(org["B111"], name="我的名字")
    edit_unit(org["B111"], {"address": "别人写的地址"}, revision=1)

    # when
    answer = client.post(address, form)
    # then
    text = answer.content.decode()
    assert "别人修改了：地址" in text and "我的名字" in text
    assert 'name="seen" value="2"' in text
    assert OrgUnit.objects.get(pk=org["B111"].pk).name == "甲县一支局"

    # when: saved once more
    answer = client.post(address, {**form, "seen": 2, "address": "别人写的地址"})
    # then
    assert answer.status_code == 302
    row = OrgUnit.objects.get(pk=org["B111"].pk)
    assert (row.name, row.address, row.revision) == ("我的名字", "别人写的地址", 3)
    text = client.get(address).content.decode()
    assert "甲县一支局</span> → 我的名字" in text


def test_whoever_may_look_only_changes_nothing(org: dict[str, OrgUnit]) -> None:
    # given
    viewer = person(org["A1"], "viewer", ["org_unit.view"])
    edit_unit(org["B111"], {"business_hours": "每天 09:00-18:00", "business_scope": ["retail"]}, revision=1)
    client = client_of(viewer)
    address = page("orgunit_change", org["B111"].pk)

    # then
    text = client.get(address).content.decode()
    assert "周一至周日 09:00-18:00" in text and "零售" in text and 'name="seen"' not in text
    for name in ("status", "move", "close", "account"):
        assert page(f"orgunit_{name}", org["B111"].pk) not in text
    assert client.post(address, typed(org["B111"], name="x")).status_code == 403
    assert client.post(page("orgunit_close", org["B111"].pk), {"reason": "x"}).status_code == 403
    assert OrgUnit.objects.get(pk=org["B111"].pk).name == "甲县一支局"


def test_closing_shows_what_is_in_the_way_with_links(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    order = Order.objects.create(total_net_amount=1, total_gross_amount=1, status="unfulfilled")
    OrderAttribution.objects.create(order=order, unit=org["B111"], org_path=org["B111"].path, basis="test")
    person(org["B111"], "clerk")
    client = client_of(manager)
    address = page("orgunit_close", org["B111"].pk)

    # when
    answer = client.post(address, {"reason": "撤销"})
    # then
    text = answer.content.decode()
    assert "未完成的订单" in text and "在岗人员" in text and 'value="撤销"' in text
    for name in ("orgunit_orders", "orgunit_people"):
        assert page(name, org["B111"].pk) in text
    assert f"#{order.pk}" in client.get(page("orgunit_orders", org["B111"].pk)).content.decode()
    assert "clerk" in client.get(page("orgunit_people", org["B111"].pk)).content.decode()

    # when
    answer = client.post(address, {"reason": "并入", "successor": org["B112"].pk, "with_orders": "on"})
    # then
    assert answer.status_code == 302
    assert OrgUnit.objects.get(pk=org["B111"].pk).status == UnitStatus.CLOSED
    assert client.get(page("orgunit_close", org["B111"].pk)).status_code == 200
    assert client.get(page("orgunit_status", org["B111"].pk)).status_code == 404


def test_moving_now_later_and_calling_it_off(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    client = client_of(manager)
    address = page("orgunit_move", org["B111"].pk)
    form = {"parent": org["C12"].pk, "reason": "区划调整", "effective_on": "2036-01-01"}

    # then: words for what is impossible
    for change, words in (
        ({"effective_on": "2020-01-01"}, "生效日期不能早于今天"),
        ({"parent": org["B112"].pk}, "不能设在"),
        ({"parent": org["C21"].pk}, "不在您的管辖范围内"),
        ({"reason": ""}, "必填"),
    ):
        assert words in client.post(address, {**form, **change}).content.decode()
    assert not PlannedMove.objects.exists()

    # when
    assert client.post(address, form).status_code == 302
    # then
    planned = PlannedMove.objects.get()
    assert planned.actor == f"user:{manager.pk}"
    assert "乙县中心" in client.get(page("plannedmove_changelist")).content.decode()
    cancel = page("plannedmove_cancel", planned.pk)
    # one select2, with its Chinese after it
    assert re.findall(r"select2[a-z.]*\.js|i18n/zh-CN\.js", client.get(address).content.decode()) == [
        "select2.full.min.js", "i18n/zh-CN.js",
    ]  # fmt: skip
    assert cancel in client.get(page("orgunit_change", org["B111"].pk)).content.decode()
    assert cancel in client.get(page("plannedmove_change", planned.pk)).content.decode()

    # when
    assert client_of(person(org["A1"], "viewer", ["org_unit.view"])).post(cancel).status_code == 403
    assert client_of(person(org["A2"], "outside", EVERYTHING)).post(cancel).status_code == 404
    assert client.get(cancel).status_code == 200
    assert client.post(cancel).status_code == 302
    # then
    planned.refresh_from_db()
    assert planned.state == PlannedMove.State.CANCELLED

    # when
    assert client.post(address, {**form, "effective_on": today().isoformat()}).status_code == 302
    # then
    assert OrgUnit.objects.get(pk=org["B111"].pk).parent == org["C12"]


def test_suspending_asks_why_and_resuming_does_not(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    client = client_of(manager)
    address = page("orgunit_status", org["B111"].pk)

    # then
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "装修"}).status_code == 302
    assert OrgUnit.objects.get(pk=org["B111"].pk).status == UnitStatus.SUSPENDED
    assert client.post(address, {"reason": ""}).status_code == 302
    assert OrgUnit.objects.get(pk=org["B111"].pk).status == UnitStatus.ACTIVE


def test_an_account_is_shown_masked(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    client = client_of(manager)

    # when
    answer = client.post(
        page("orgunit_account", org["B111"].pk),
        {
            "holder": "市邮政",
            "bank": "邮储银行",
            "number": "6217990011112222",
            "valid_from": today().isoformat(),
        },
    )

    # then
    assert answer.status_code == 302
    text = client.get(page("orgunit_change", org["B111"].pk)).content.decode()
    assert "2222" in text and "62179900" not in text
    assert SettlementAccount.objects.get().number == "6217990011112222"


def test_a_file_from_the_template_to_the_tree(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    client = client_of(manager)
    template = client.get(page("orgunit_import_template"))
    sheet = load_workbook(io.BytesIO(b"".join(template.streaming_content))).active
    assert [cell.value for cell in sheet[1]][:2] == ["机构代码*", "机构名称*"]

    # when: a broken file, a file with an error, a good one
    def send(file: io.BytesIO) -> Any:
        file.name = "机构.xlsx"
        return client.post(page("orgunit_import"), {"file": file})

    assert "不是 Excel" in send(io.BytesIO(b"x")).content.decode()
    answer = send(book(new("N1", "C12"), new("N2", "C21")))
    # then
    preview = client.get(answer.url).content.decode()
    assert "上级机构代码：没有这个上级机构" in preview and "1 行有错误" in preview
    assert "确认导入" not in preview
    assert client.post(answer.url, {"confirm": "1"}, follow=True).status_code == 200
    assert OrgUnit.objects.count() == len(org)
    assert client.post(answer.url, {"drop": "1"}).status_code == 302

    # when
    answer = send(book(new("N1", "C12")))
    assert "确认导入" in client.get(answer.url).content.decode()
    assert client_of(person(org["A1"], "other", EVERYTHING)).get(answer.url).status_code == 404
    assert client.post(answer.url, {"confirm": "1"}).status_code == 302
    # then
    assert OrgUnit.objects.get(code="N1").parent == org["C12"]
    assert set(UnitImport.objects.values_list("state", flat=True)) == {"done", "dropped"}


def test_an_export_has_the_rows_in_reach_of_its_own_right(org: dict[str, OrgUnit]) -> None:
    # given: sees the area, may take out one county
    clerk = person(org["A1"], "clerk", ["org_unit.view"])
    from ..orgs import grant

    grant(clerk.o2o_staff, org["C12"], ["org_unit.export"])
    OrgUnit.objects.filter(pk=org["B121"].pk).update(name="=1+1")

    # when
    answer = client_of(clerk).post(page("orgunit_export"), {"format": "csv"})

    # then
    text = b"".join(answer.streaming_content).decode()
    lines = text.splitlines()
    assert [line.split(",")[0] for line in lines[2:]] == ["B121", "C12", "O1211"]
    assert "'=1+1" in text
    assert AuditEntry.objects.get(action="backoffice.export.made").after["rows"] == 3


def test_the_chart_opens_level_by_level(
    org: dict[str, OrgUnit], manager: User, django_assert_max_num_queries: Any
) -> None:
    # given
    client = client_of(manager)
    for number in range(120):
        unit(f"B11-{number:03}", org["C11"])
    address = page("orgunit_chart_units")

    # then: the top of what is in reach, then its children, a hundred at a time
    [top] = client.get(address).json()["units"]
    assert (top["code"], top["children"], top["outlets"]) == ("A1", 2, 3)
    first = client.get(address, {"parent": org["C11"].pk}).json()
    assert len(first["units"]) == 100 and first["next"] == 100
    with django_assert_max_num_queries(11):
        rest = client.get(address, {"parent": org["C11"].pk, "start": 100}).json()
    assert len(rest["units"]) == 22 and rest["next"] is None
    assert client.get(address, {"parent": org["C21"].pk}).json()["units"] == []
    assert client.get(address, {"parent": "x", "start": "-1"}).status_code == 200


def test_the_map_has_the_points_in_reach(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    area = {"type": "Polygon", "coordinates": [[[106.5, 29.5], [106.6, 29.5], [106.6, 29.6], [106.5, 29.5]]]}
    OrgUnit.objects.filter(code__in=("B111", "B112", "B211")).update(lng=106.55, lat=29.55, service_area=area)
    OrgUnit.objects.filter(code="B112").update(lng=108.4, lat=30.8)
    client, address = client_of(manager), page("orgunit_map_points")

    # then
    assert {point[6] for point in client.get(address).json()["points"]} == {"B111", "B112"}
    answer = client.get(address, {"levels": "4", "box": "106,29,107,30"}).json()
    assert [point[6] for point in answer["points"]] == ["B111"] and len(answer["areas"]) == 1
    assert client.get(address, {"levels": "5"}).json()["points"] == []
    for box in ("nan,nan,nan,nan", "x", "1,2,3", "inf,0,1,1"):
        assert client.get(address, {"box": box}).status_code == 200


def test_the_map_counts_what_is_too_much_to_draw(
    org: dict[str, OrgUnit],
    manager: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    # given: a crowd of outlets around two places, two branches, and an outlet out of reach
    monkeypatch.setattr(chart, "POINTS", 4)
    for number in range(5):
        unit(f"N{number}", org["B111"], lng=106.501 + number / 10000, lat=29.501)
    for number in range(3):
        unit(f"S{number}", org["B112"], lng=106.901, lat=29.101 + number / 10000)
    unit("F", org["B211"], lng=106.501, lat=29.501)
    OrgUnit.objects.filter(code="B111").update(lng=106.5, lat=29.5)
    OrgUnit.objects.filter(code="B112").update(lng=106.9, lat=29.1)
    client, address = client_of(manager), page("orgunit_map_points")
    client.get(address)

    # when
    with django_assert_max_num_queries(11):
        answer = client.get(address, {"levels": "4,5", "box": "106,29,107,30"}).json()
    near = client.get(address, {"levels": "4,5", "box": "106.85,29.05,106.95,29.15"}).json()

    # then
    assert [point[6] for point in answer["points"]] == ["B111", "B112"]
    cells = sorted(answer["cells"])
    assert [number for _lng, _lat, number in cells] == [5, 3] and answer["more"] is False
    assert cells[0][:2] == pytest.approx([106.5012, 29.501])
    assert [point[6] for point in near["points"]] == ["B112", "S0", "S1", "S2"] and near["cells"] == []


def test_pickers_offer_what_makes_sense(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    client = client_of(manager)
    OrgUnit.objects.filter(pk=org["B112"].pk).update(status=UnitStatus.CLOSED)

    # when
    def offered(field: str, model: str, term: str) -> list[str]:
        query = {"app_label": "o2o_org_hierarchy", "model_name": model, "field_name": field, "term": term}
        answer = client.get(reverse("admin:autocomplete"), query)
        return [one["text"] for one in answer.json()["results"]]

    # then
    assert offered("parent", "plannedmove", "甲县") == ["B111 甲县一支局", "C11 甲县中心"]
    assert offered("successor", "orgunit", "网点") == [
        "O1111 甲县一支局一网点",
        "O1112 甲县一支局二网点",
        "O1211 乙县一支局一网点",
    ]
    assert offered("parent", "plannedmove", "丙县") == []


def test_the_list_does_not_ask_more_for_more_rows(
    org: dict[str, OrgUnit], manager: User, django_assert_max_num_queries: Any
) -> None:
    # given
    client = client_of(manager)
    client.get(page("orgunit_changelist"))
    for number in range(30):
        unit(f"B11-{number:03}", org["C11"])

    # then
    with django_assert_max_num_queries(14):
        answer = client.get(page("orgunit_changelist"), {"q": "B11-"})
    assert answer.content.decode().count("B11-0") >= 30
    assert client.get(page("orgunit_changelist"), {"below": org["C12"].pk}).status_code == 200
    assert client.get(page("orgunit_changelist"), {"below": "x"}).status_code == 200


def test_versions_name_people_and_moves_above(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    move_unit(org["C11"], org["A2"], reason="区划调整")

    # when
    root = User.objects.create_superuser("root@example.com", "pass-word")
    text = client_of(root).get(page("orgunit_change", org["O1111"].pk)).content.decode()

    # then
    assert "随上级变更" in text and "区划调整" in text
    assert UnitVersion.objects.filter(unit=org["O1111"]).count() == 2


def test_the_version_of_a_merge_names_the_successor(org: dict[str, OrgUnit], manager: User) -> None:
    # given
    close_unit(org["B111"], reason="并入", successor=org["B112"])

    # when
    text = client_of(manager).get(page("orgunit_change", org["B111"].pk)).content.decode()

    # then
    assert f'<span class="o2o-old">空</span> → {org["B112"].name}' in text
