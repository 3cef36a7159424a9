"""The map's pages: who sees them, what they write, and what they refuse without losing what was typed."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from saleor.order.models import Order

from plugins.org_hierarchy.area_checks import area_warnings
from plugins.org_hierarchy.models import OrderAttribution, OrgUnit
from plugins.service_map.heat import LEAST, Wanted, heat_of
from plugins.service_map.models import Community, GeocodeBatch, GeocodeRow, PinCorrection, Place
from plugins.service_map.overlaps import check_county, overlapping
from plugins.service_map.services import geocoding
from plugins.service_map.services.communities import write_community
from plugins.service_map.sync import sync_all
from saleor_o2o.kernel.clock import SHANGHAI, today

from ..orgs import again, person
from .map_support import CENTRE, mapped_org, place_unit, poi, square

pytestmark = pytest.mark.django_db
ALL = [
    "map.view",
    "map.create",
    "map.edit",
    "map.correct",
    "map.geocode",
    "map.heat",
    "org_unit.view",
    "order.view",
]


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_service_map_{name}", args=args)


def login(user: Any) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> Client:
    return login(person(org["C11"], "clerk", ALL))


PAGES = [
    "place_changelist", "place_add", "place_heat", "community_changelist", "community_add", "servicearea_changelist",
    "geocodebatch_changelist", "geocodebatch_submit", "pincorrection_changelist",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_who_sees_a_page(org: dict[str, OrgUnit], clerk: Client, name: str) -> None:
    # given
    stranger = login(person(org["C11"], "stranger", ["order.view"]))

    # then
    assert clerk.get(page(name)).status_code == 200
    assert stranger.get(page(name)).status_code == 403
    assert Client().get(page(name)).status_code == 302


def test_rows_out_of_reach_are_not_there(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    there = Place.objects.get(unit=org["O1211"])
    community = write_community({"name": "远处", "lng": 107.0, "lat": 30.5})

    # then
    assert "乙县一支局一网点" not in clerk.get(page("place_changelist")).content.decode()
    for name, pk in (
        ("place_change", there.pk), ("place_pin", there.pk), ("community_change", community.pk),
        ("community_pin", community.pk), ("geocodebatch_row", 1), ("place_pin", "x"),
    ):  # fmt: skip
        assert clerk.get(page(name, pk)).status_code == 404, name


def test_the_list_takes_the_same_statements_for_any_number(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    counts = []
    for number in (1, 40):
        for place in range(number):
            poi(org["B111"], f"车站 {number} {place}", *CENTRE)
        clerk.get(page("place_changelist"))  # what is read once

        # when
        with CaptureQueriesContext(connection) as seen:
            assert clerk.get(page("place_changelist")).status_code == 200
        counts.append(len(seen))

    # then
    assert counts[0] == counts[1] < 25


def place_form(org: dict[str, OrgUnit], **values: Any) -> dict[str, Any]:
    return {
        "kind": "station", "name": "龙头寺车站", "aliases": "龙头寺", "unit": org["B111"].pk, "address": "",
        "phone": "",
        "hours": "每天 06:00-22:00", "area": "", "status": "listed", "lng": "106.55", "lat": "29.6", "datum": "gcj02",
        **values,
    }  # fmt: skip


def test_a_place_is_made_and_changed(org: dict[str, OrgUnit], clerk: Client) -> None:
    # when
    made = clerk.post(page("place_add"), place_form(org))

    # then
    assert made.status_code == 302, made.context["errors"]
    place = Place.objects.get(name="龙头寺车站")
    assert place.hours["1"] == [["06:00", "22:00"]]
    shown = clerk.get(page("place_change", place.pk)).content.decode()
    assert "周一至周日 06:00-22:00" in shown
    assert clerk.post(page("place_change", place.pk), place_form(org, name="龙头寺")).status_code == 302
    place.refresh_from_db()
    assert place.name == "龙头寺"


WRONG = [
    ({"lng": "29.6", "lat": "106.55"}, "lng", "经度和纬度写反了"),
    ({"hours": "天天"}, "hours", "请写出时间"),
    ({"name": ""}, "name", "必填"),
    ({"area": '{"type": "Point"}'}, "area", "服务范围应是多边形"),
]


@pytest.mark.parametrize(("change", "field", "message"), WRONG)
def test_a_wrong_place_keeps_what_was_typed(
    org: dict[str, OrgUnit], clerk: Client, change: dict[str, str], field: str, message: str
) -> None:
    # when
    answer = clerk.post(page("place_add"), place_form(org, **change))

    # then
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    assert list(form.errors) == [field]
    assert "龙头寺" in answer.content.decode() and form["aliases"].value() == "龙头寺"
    assert not Place.objects.filter(kind="station").exists()


def test_a_unit_out_of_reach_cannot_be_chosen(org: dict[str, OrgUnit], clerk: Client) -> None:
    # when
    answer = clerk.post(page("place_add"), place_form(org, unit=org["B121"].pk))

    # then
    assert list(answer.context["adminform"].form.errors) == ["unit"]


def test_outlets_are_shown_not_edited(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    place = Place.objects.get(unit=org["O1111"])

    # then
    shown = clerk.get(page("place_change", place.pk)).content.decode()
    assert "周一至周日 08:30-17:30" in shown and "票务" in shown and "纠正位置" in shown
    assert clerk.post(page("place_change", place.pk), place_form(org)).status_code == 403


def test_a_community_gets_its_branch(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    form = {"name": "金色家园", "aliases": "", "address": "", "lng": "106.65", "lat": "29.55", "datum": "gcj02",
            "is_active": "on"}  # fmt: skip

    # then
    assert clerk.post(page("community_add"), form).status_code == 302
    assert Community.objects.get().unit == org["B112"]
    again_ = clerk.post(page("community_add"), form)
    assert list(again_.context["adminform"].form.errors) == ["name"]
    assert "金色家园" in clerk.get(page("community_changelist"), {"q": "jsjy"}).content.decode()


def test_a_pin_is_corrected_on_its_page(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    place = Place.objects.get(unit=org["O1111"])
    form = {"lng": "106.552", "lat": "29.552", "datum": "gcj02", "seen": f"{place.lng!r},{place.lat!r}"}

    # when
    refused = clerk.post(page("place_pin", place.pk), {**form, "reason": ""})
    assert "请填写此项" in refused.content.decode() and 'value="106.552"' in refused.content.decode()
    done = clerk.post(page("place_pin", place.pk), {**form, "reason": "搬了"})

    # then
    assert done.status_code == 302
    assert PinCorrection.objects.get().reason == "搬了"
    assert "搬了" in clerk.get(page("place_pin", place.pk)).content.decode()
    stale = clerk.post(page("place_pin", place.pk), {**form, "lng": "106.56", "reason": "又搬"})
    assert "位置刚刚被别人改过" in stale.content.decode()


def test_the_window_shows_what_is_in_reach(org: dict[str, OrgUnit], clerk: Client) -> None:
    # when
    around = {"west": 106.4, "south": 29.4, "east": 107.1, "north": 30.6}
    data = clerk.get(page("place_window"), around).json()

    # then
    assert {one["label"] for one in data["areas"]} == {"甲一支局", "甲二支局"}
    assert {one["label"] for one in data["points"]} == {
        "甲县一支局",
        "甲县二支局",
        "甲县一支局一网点",
        "甲县一支局二网点",
    }
    assert clerk.get(page("place_window"), {"west": "x"}).status_code == 400


# -- areas -----------------------------------------------------------------------------------------


def test_neighbours_do_not_overlap_and_a_slip_does(org: dict[str, OrgUnit]) -> None:
    # given
    report = check_county(org["C11"])
    assert (report.overlaps, report.gaps, report.without) == ([], [], [])

    # when: one area reaches 0.02° into the other; a third branch has none
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.52, 29.5))
    sync_all()

    # then
    [overlap] = check_county(org["C11"]).overlaps
    assert {overlap.one, overlap.other} == {org["B111"], org["B112"]}
    assert overlap.km2 == pytest.approx(21.5, abs=0.1)
    warned = overlapping(org["B112"], square(106.6, 29.5))
    assert [(one.other, round(one.km2, 1)) for one in warned] == [(org["B111"], 21.5)]


def test_a_hole_between_areas_is_a_gap(org: dict[str, OrgUnit]) -> None:
    # given: a frame with a hole, and a neighbour
    outer = square(106.4, 29.4, 0.2)
    outer["coordinates"].append(
        [[106.45, 29.45], [106.45, 29.5], [106.5, 29.5], [106.5, 29.45], [106.45, 29.45]]
    )
    place_unit(org["B111"], 106.41, 29.41, service_area=outer)
    sync_all()

    # then
    gaps = check_county(org["C11"]).gaps
    assert gaps[0].km2 == pytest.approx(26.9, abs=0.1)


def test_a_saved_area_that_overlaps_is_told(org: dict[str, OrgUnit]) -> None:
    # given
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.52, 29.5))

    # then: also before the sync has followed
    assert area_warnings(org["B111"]) == ["服务范围与甲二支局重叠 21.51 平方公里，重叠处由面积较小的支局服务"]
    assert area_warnings(org["C11"]) == []
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.5, 29.5))
    assert area_warnings(org["B111"]) == []


def test_the_check_is_a_page(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    OrgUnit.objects.filter(pk=org["B112"].pk).update(service_area=square(106.55, 29.5))
    sync_all()

    # then
    shown = clerk.get(page("servicearea_changelist")).content.decode()
    assert "甲一支局 × 甲二支局" in shown or "\\u7532" in shown
    assert "乙县" not in shown


# -- batches ---------------------------------------------------------------------------------------


def sheet(*lines: Any) -> BytesIO:
    book = Workbook()
    for line in (("名称", "地址", "区县", "别名"), *lines):
        book.active.append(line)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "x.xlsx"
    return file


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "locate", lambda *_a, **_k: None)


@pytest.mark.usefixtures("offline")
def test_a_batch_from_lines_and_from_a_table(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    form = {"title": "小区", "unit": org["C11"].pk}

    # when
    lines = clerk.post(
        page("geocodebatch_submit"),
        {**form, "rows": "金色家园，中山四路 1 号，渝中区，老厂\n\n阳光城, 民权路"},
    )
    table = clerk.post(
        page("geocodebatch_submit"),
        {**form, "rows": "", "file": sheet(("江景苑", "江边", None, None), (None,))},
    )

    # then
    assert (lines.status_code, table.status_code) == (302, 302)
    stored = GeocodeRow.objects.order_by("pk").values_list("name", "address", "district", "aliases")
    assert list(stored) == [
        ("金色家园", "中山四路 1 号", "渝中区", "老厂"), ("阳光城", "民权路", "", ""), ("江景苑", "江边", "", ""),
    ]  # fmt: skip
    row = GeocodeRow.objects.filter(name="金色家园").first()
    assert row is not None
    geocoding.work_on(row.batch_id, pace=0)
    shown = clerk.get(page("geocodebatch_change", row.batch_id)).content.decode()
    assert "金色家园" in shown and page("geocodebatch_row", row.pk) in shown
    swapped = clerk.post(
        page("geocodebatch_row", row.pk), {"lng": "29.55", "lat": "106.55", "datum": "gcj02"}
    )
    assert "经度和纬度写反了" in swapped.content.decode()
    assert (
        clerk.post(
            page("geocodebatch_row", row.pk), {"lng": "106.55", "lat": "29.55", "datum": "gcj02"}
        ).status_code
        == 302
    )
    assert Community.objects.get(name="金色家园").unit == org["B111"]
    # then: what is on the map is listed with who serves it, and can be placed anew
    shown = clerk.get(page("geocodebatch_change", row.batch_id)).content.decode()
    assert "人工定位" in shown and "甲县一支局" in shown and "重新定位" in shown


@pytest.mark.usefixtures("offline")
def test_the_template_of_a_batch_is_taken_as_it_is(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    answer = clerk.get(page("geocodebatch_template"))
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    book.active.append(["江景苑", "江边 1 号", "渝中区", "老江景、江边院"])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "x.xlsx"

    # when
    clerk.post(
        page("geocodebatch_submit"), {"title": "小区", "unit": org["C11"].pk, "rows": "", "file": file}
    )

    # then
    row = GeocodeRow.objects.get()
    assert (row.line, row.name, row.aliases) == (2, "江景苑", "老江景、江边院")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": ""}, "没有可以定位的行"),
        ({"rows": "\n, 中山四路"}, "第 2 行“名称”：请填写此项"),
        ({"unit": ""}, "请选择机构"),
        ({"file": BytesIO(b"not a table")}, "文件不是 Excel（xlsx），或已损坏"),
        ({"file": [("好", "民生路 1 号"), (None, None), ("缺地址", None)]}, "第 4 行“地址”：请填写此项"),
        ({"file": [("=1+1", "民生路 1 号")]}, "第 2 行“名称”：是公式，请粘贴为数值"),
    ],
)
def test_a_wrong_batch_keeps_what_was_typed(
    org: dict[str, OrgUnit], clerk: Client, change: dict[str, Any], message: str
) -> None:
    # given
    if isinstance(change.get("file"), list):
        change = {"file": sheet(*change["file"])}
    elif "file" in change:
        change["file"].name = "x.xlsx"

    # when
    form = {"title": "渝中小区", "unit": org["C11"].pk, "rows": "金色家园, 民权路", **change}
    answer = clerk.post(page("geocodebatch_submit"), form)

    # then
    assert message in answer.content.decode() and "渝中小区" in answer.content.decode()
    assert not GeocodeBatch.objects.exists()


# -- heat ------------------------------------------------------------------------------------------


def order_at(unit: OrgUnit) -> None:
    order = Order.objects.create(total_net_amount=10, total_gross_amount=10, status="unfulfilled")
    OrderAttribution.objects.create(order=order, unit=unit, org_path=unit.path, basis="test")


def test_few_orders_are_not_shown_on_the_map(
    org: dict[str, OrgUnit], django_assert_max_num_queries: Any
) -> None:
    # given
    user = again(person(org["C11"], "boss", ALL))
    for _ in range(LEAST):
        order_at(org["B111"])
    for _ in range(LEAST - 1):
        order_at(org["B112"])
    order_at(org["B121"])  # out of reach
    order_at(org["C11"])  # without a position

    # when
    with django_assert_max_num_queries(5):
        found = heat_of(user, today(), today())

    # then
    assert [cell.orders for cell in found.cells] == [LEAST]
    assert (found.orders, found.hidden) == (2 * LEAST, LEAST)
    assert [(one.unit.code, one.orders) for one in found.units] == [("B111", 3)]


def test_the_heat_map_is_a_page(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given
    order_at(org["B111"])

    # then
    shown = clerk.get(page("place_heat")).content.decode()
    assert "共 1 单；另有 1 单" in shown
    wrong = clerk.get(page("place_heat"), {"first": "2026-02-01", "last": "2026-01-01"}).content.decode()
    assert "时段不对" in wrong


def test_the_heat_map_is_narrowed(org: dict[str, OrgUnit], clerk: Client) -> None:
    # given: three orders of B111 on a Saturday evening, three of B112 at noon of a Monday, three at night
    for unit, moment in (
        ("B111", datetime(2026, 11, 21, 19, 0, tzinfo=SHANGHAI)),
        ("B112", datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)),
        ("B112", datetime(2026, 11, 24, 1, 0, tzinfo=SHANGHAI)),
    ):
        for _ in range(LEAST):
            order_at(org[unit])
            Order.objects.filter(pk=Order.objects.latest("pk").pk).update(created=moment)
    OrgUnit.objects.filter(pk=org["B112"].pk).update(business_scope=["ticketing"])
    user = again(person(org["C11"], "boss", ALL))

    def count(**wanted: Any) -> int:
        return heat_of(user, date(2026, 11, 1), date(2026, 11, 30), Wanted(**wanted)).orders

    # then
    assert count() == 9
    assert count(weekdays=(6, 7)) == 3
    assert count(hours=(6, 13)) == 3
    assert count(hours=(22, 6)) == 3
    assert count(scope="ticketing") == 6
    assert count(unit=org["B111"]) == 3
    assert count(unit=org["B121"]) == 0
    days = {"first": "2026-11-01", "last": "2026-11-30"}
    shown = clerk.get(page("place_heat"), {**days, "days": "weekend", "time": "evening"}).content.decode()
    assert "共 3 单" in shown
    for wrong in ({"unit": org["C21"].pk}, {"days": "8"}, {"time": "noon"}, {"scope": "x"}):
        assert "筛选条件不对" in clerk.get(page("place_heat"), {**days, **wrong}).content.decode()
