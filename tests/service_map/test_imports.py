"""Files of places and areas: looked at row by row, written whole or not at all, checked like typed and drawn ones."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from plugins.org_hierarchy.interfaces import convert
from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.errors import MapError
from plugins.service_map.kinds import ImportKind, PlaceKind
from plugins.service_map.models import MapImport, Place, ServiceArea
from plugins.service_map.services.import_places import COLUMNS
from plugins.service_map.services.importing import confirm, rehearse, upload
from plugins.service_map.serving import serve_at
from saleor_o2o.kernel.models import AuditEntry

from ..orgs import again, person
from .map_support import CENTRE, mapped_org, poi, square

pytestmark = pytest.mark.django_db
RIGHTS = ["map.view", "map.create", "map.edit", "map.import", "map.export", "org_unit.view", "org_unit.edit"]
HEADS = [str(column.title) for column in COLUMNS]


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> Any:
    return again(person(org["C11"], "clerk", RIGHTS))


def login(user: Any) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def sheet(*rows: dict[str, Any], heads: list[str] = HEADS) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append([row.get(head, "") for head in heads])
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("地点.xlsx", out.getvalue())


def row(**changes: Any) -> dict[str, Any]:
    return {
        "类别": "车站、机场", "名称": "解放碑站", "管理机构代码": "B111", "经度": "106.551", "纬度": "29.551",
        "营业时间": "每天 06:00-23:00", "业务范围": "票务、零售", **changes,
    }  # fmt: skip


def geojson(*features: tuple[str, Any]) -> SimpleUploadedFile:
    data = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"机构代码": code}, "geometry": area} for code, area in features
        ],
    }
    return SimpleUploadedFile("范围.geojson", json.dumps(data, ensure_ascii=False).encode())


def test_a_good_file_is_written_whole(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given: a new place, and one that is there with another telephone
    there = poi(org["B112"], "南站", 106.65, 29.55, phone="1")
    file = sheet(
        row(), row(**{"编号": there.pk, "名称": "南站", "管理机构代码": "B112", "经度": there.lng, "纬度": there.lat,
                      "电话": "023-11185", "营业时间": "", "业务范围": ""})
    )  # fmt: skip

    # when
    made = upload(ImportKind.PLACES, file, by=clerk)
    lines = rehearse(made, by=clerk)

    # then: nothing yet
    assert [(line.number, line.action, line.errors) for line in lines] == [
        (2, "create", []),
        (3, "change", []),
    ]
    assert not Place.objects.filter(name="解放碑站").exists()
    assert not AuditEntry.objects.filter(action__startswith="service_map").exists()

    # when
    done = confirm(made, by=clerk)

    # then
    assert (done.created_count, done.changed_count, done.rows) == (1, 1, [])
    place = Place.objects.get(name="解放碑站")
    assert (place.kind, place.unit, place.lng) == (PlaceKind.STATION, org["B111"], 106.551)
    assert place.business_scope == ["ticketing", "retail"]
    there.refresh_from_db()
    assert there.phone == "023-11185"
    assert AuditEntry.objects.filter(action="service_map.imported").count() == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"类别": "网点"}, ("类别", "网点和支局的信息在机构里维护")),
        ({"类别": "茶馆"}, ("类别", "没有这种地点")),
        ({"名称": ""}, ("名称", "请填写此项")),
        ({"管理机构代码": "B999"}, ("管理机构代码", "没有这个机构")),
        ({"经度": "29.551", "纬度": "106.551"}, None),
        ({"营业时间": "从早到晚"}, ("营业时间", "不认识“从早-晚”")),
        ({"业务范围": "票务、算命"}, ("业务范围", "没有这种业务：算命")),
        ({"坐标系": "月球"}, ("坐标系", "没有这个坐标系")),
        ({"状态": "也许"}, ("状态", "请填写“显示”或“不显示”")),
        ({"编号": "999999"}, ("编号", "没有这个地点，或不在您的范围内")),
        ({"编号": "abc"}, ("编号", "没有这个地点，或不在您的范围内")),
    ],
)
def test_one_bad_row_and_nothing_is_written(
    org: dict[str, OrgUnit], clerk: Any, changes: dict[str, str], told: tuple[str, str] | None
) -> None:
    # given
    before = Place.objects.count()
    made = upload(ImportKind.PLACES, sheet(row(**{"名称": "好的"}), row(**changes)), by=clerk)

    # when
    good, bad = rehearse(made, by=clerk)

    # then
    assert good.errors == []
    assert len(bad.errors) == 1
    if told is not None:
        assert bad.errors[0] == told
    with pytest.raises(MapError, match="有 1 行错误，没有导入任何一行"):
        confirm(made, by=clerk)
    assert Place.objects.count() == before
    assert MapImport.objects.get().state == "waiting"


def test_the_same_place_twice_is_told(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given
    poi(org["B111"], "老站", *CENTRE)

    # when
    lines = rehearse(
        upload(ImportKind.PLACES, sheet(row(), row(), row(**{"名称": "老站"})), by=clerk), by=clerk
    )

    # then
    assert [line.errors[0][1] for line in lines] == [
        "同一机构下的同名地点在文件里出现了两次", "同一机构下的同名地点在文件里出现了两次",
        "这个机构下已有同名地点；要修改它请填编号",
    ]  # fmt: skip


def test_another_countys_place_and_unit_are_not_there(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given
    abroad = poi(org["B121"], "乙站", 107.0, 30.5)
    mine = poi(org["B111"], "甲站", *CENTRE)
    rows = [
        row(**{"编号": abroad.pk, "名称": "乙站"}),
        row(**{"名称": "新站", "管理机构代码": "B121", "经度": "107.0", "纬度": "30.5"}),
        row(**{"编号": mine.pk, "名称": "甲站", "管理机构代码": "B121"}),
    ]

    # when
    lines = rehearse(upload(ImportKind.PLACES, sheet(*rows), by=clerk), by=clerk)

    # then
    assert all(line.errors for line in lines)
    abroad.refresh_from_db()
    assert abroad.unit == org["B121"]


def test_what_was_taken_out_can_be_taken_in_again(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given: stations, and outlets that are kept elsewhere
    poi(org["B111"], "甲站", *CENTRE, aliases=["老站", "北站"], business_scope=["ticketing"], hours={"1": []})
    client = login(clerk)
    answer = client.post(reverse("admin:o2o_service_map_place_export"), {"format": "xlsx"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content

    # when
    lines = rehearse(upload(ImportKind.PLACES, SimpleUploadedFile("导出.xlsx", content), by=clerk), by=clerk)

    # then
    assert {line.action for line in lines} == {"same", "skip"}
    assert [line.errors for line in lines if line.errors] == []


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.xlsx", b"not a file"), SimpleUploadedFile("a.xlsx", b""), sheet(),
        sheet(row(), heads=["名称", "管理机构代码", "颜色"]), sheet(row(), heads=["类别"]),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused(clerk: Any, file: SimpleUploadedFile) -> None:
    # then
    with pytest.raises(MapError) as refusal:
        upload(ImportKind.PLACES, file, by=clerk)
    assert refusal.value.code == "FILE_INVALID"
    assert not MapImport.objects.exists()


def test_areas_of_a_file_are_written_together(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given: two neighbours who swap their ground, in the satellite's datum
    def satellite(area: dict[str, Any]) -> dict[str, Any]:
        [ring] = area["coordinates"]
        moved = [[round(v, 7) for v in convert(lng, lat, "gcj02", "wgs84")] for lng, lat in ring]
        moved[-1] = moved[0]
        return {"type": "Polygon", "coordinates": [moved]}

    file = geojson(("B111", satellite(square(106.6, 29.5))), ("B112", satellite(square(106.5, 29.5))))

    # when
    made = upload(ImportKind.AREAS, file, datum="wgs84", by=clerk)
    lines = rehearse(made, by=clerk)

    # then: nothing yet, and neither meets what the other leaves
    assert [(line.action, line.errors) for line in lines] == [("change", []), ("change", [])]
    assert serve_at(106.55, 29.55).unit == org["B111"]

    # when
    confirm(made, by=clerk)

    # then
    assert serve_at(106.55, 29.55).unit == org["B112"]
    assert serve_at(106.65, 29.55).unit == org["B111"]
    west = ServiceArea.objects.get(unit=org["B112"]).west
    assert west == pytest.approx(106.5, abs=1e-5)


def test_an_area_that_goes_round_the_other_way_is_the_same(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given: stored as somebody else drew it
    area = square(106.5, 29.5)
    [ring] = area["coordinates"]
    turned = {"type": "Polygon", "coordinates": [[*ring[2:], *ring[1:3]]]}
    turned["coordinates"][0].reverse()
    OrgUnit.objects.filter(pk=org["B111"].pk).update(service_area=area)

    # when
    [line] = rehearse(upload(ImportKind.AREAS, geojson(("B111", turned)), by=clerk), by=clerk)

    # then
    assert (line.action, line.errors) == ("same", [])


BOW = {
    "type": "Polygon",
    "coordinates": [[[106.5, 29.5], [106.6, 29.6], [106.6, 29.5], [106.5, 29.6], [106.5, 29.5]]],
}


@pytest.mark.parametrize(
    ("features", "place", "words"),
    [
        ([("B111", square(106.5, 29.5)), ("B112", square(106.55, 29.5))], 1, "与甲一支局重叠"),
        ([("B111", square(106.58, 29.5))], 0, "与甲二支局重叠"),
        ([("B112", square(106.7, 29.5)), ("B111", BOW)], 1, ""),
        ([("B111", {"type": "Point", "coordinates": [106.5, 29.5]})], 0, ""),
        ([("B111", None)], 0, ""),
        ([("B111", square(29.5, 106.5))], 0, ""),
        ([("O1111", square(106.5, 29.7))], 0, "只有支局和区县可以划定范围"),
        ([("B121", square(107.0, 30.4))], 0, "没有这个机构，或不在您的范围内"),
        ([("", square(106.5, 29.7))], 0, "属性里没有“机构代码”"),
        ([("B111", square(106.5, 29.7)), ("B111", square(106.5, 29.8))], 0, "同一机构在文件里出现了两次"),
    ],
)
def test_areas_are_checked_like_drawn_ones(
    org: dict[str, OrgUnit], clerk: Any, features: list[tuple[str, Any]], place: int, words: str
) -> None:
    # given
    marks = set(ServiceArea.objects.values_list("unit", "mark"))
    made = upload(ImportKind.AREAS, geojson(*features), by=clerk)

    # when
    lines = rehearse(made, by=clerk)

    # then
    assert words in lines[place].errors[0][1]
    with pytest.raises(MapError, match="没有导入任何一行"):
        confirm(made, by=clerk)
    assert set(ServiceArea.objects.values_list("unit", "mark")) == marks


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"type": "FeatureCollection", "features": []}', b"\xff\xfe"]
)
def test_what_is_no_geojson_is_refused(clerk: Any, content: bytes) -> None:
    # then
    with pytest.raises(MapError) as refusal:
        upload(ImportKind.AREAS, SimpleUploadedFile("a.geojson", content), by=clerk)
    assert refusal.value.code == "FILE_INVALID"


@pytest.mark.parametrize("kind", ["place", "servicearea"])
@pytest.mark.parametrize(("who", "status"), [("anonymous", 302), ("viewer", 403), ("clerk", 200)])
def test_who_may_import(org: dict[str, OrgUnit], clerk: Any, kind: str, who: str, status: int) -> None:
    # given
    viewer = person(org["C11"], "viewer", ["map.view", "map.edit"])
    client = {"anonymous": Client(), "viewer": login(viewer), "clerk": login(clerk)}[who]
    file = sheet(row()) if kind == "place" else geojson(("B111", square(106.5, 29.7)))

    # then
    assert client.get(reverse(f"admin:o2o_service_map_{kind}_import")).status_code == status
    client.post(reverse(f"admin:o2o_service_map_{kind}_import"), {"file": file, "datum": "gcj02"})
    assert MapImport.objects.exists() is (status == 200)


def test_the_pages_lead_from_the_file_to_the_list(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given
    client = login(clerk)
    address = reverse("admin:o2o_service_map_place_import")

    # when
    bad = client.post(address, {"file": sheet(row(**{"类别": "茶馆"}))})
    shown = client.get(bad.url).content.decode()
    client.post(bad.url, {"drop": "1"})
    good = client.post(address, {"file": sheet(row())})
    preview = client.get(good.url).content.decode()
    done = client.post(good.url, {"confirm": "1"}, follow=True).content.decode()
    twice = client.post(good.url, {"confirm": "1"}, follow=True).content.decode()

    # then
    assert "没有这种地点" in shown and "1 行有错误" in shown and "确认导入" not in shown
    assert "确认导入" in preview
    assert "导入完成：新建 1 个，修改 0 个" in done
    assert "不能再次导入" in twice
    assert Place.objects.filter(name="解放碑站").count() == 1
    template = client.get(reverse("admin:o2o_service_map_place_import_template"))
    heads = [cell.value for cell in load_workbook(BytesIO(b"".join(template.streaming_content))).active[1]]
    assert [head.removesuffix("*") for head in heads] == HEADS


def test_a_file_is_its_makers_alone(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given
    made = upload(ImportKind.PLACES, sheet(row()), by=clerk)
    other = login(person(org["C11"], "other", RIGHTS))

    # then
    address = reverse("admin:o2o_service_map_place_import_preview", args=[made.pk])
    assert other.get(address).status_code == 404
    assert other.post(address, {"confirm": "1"}).status_code == 404
    assert login(clerk).get(address.replace("place", "servicearea")).status_code == 404
    assert not Place.objects.filter(name="解放碑站").exists()


def test_what_became_wrong_since_the_preview_is_refused(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given
    made = upload(ImportKind.PLACES, sheet(row()), by=clerk)
    assert rehearse(made, by=clerk)[0].errors == []
    poi(org["B111"], "解放碑站", *CENTRE)

    # then
    with pytest.raises(MapError, match="有 1 行错误"):
        confirm(made, by=clerk)


def test_two_clicks_write_once(org: dict[str, OrgUnit], clerk: Any) -> None:
    # given: the second click read the upload before the first was done
    made = upload(ImportKind.PLACES, sheet(row()), by=clerk)
    stale = MapImport.objects.get(pk=made.pk)
    confirm(made, by=clerk)

    # then: it looks again under the lock
    with pytest.raises(MapError, match="已导入，不能再次导入"):
        confirm(stale, by=clerk)
    assert Place.objects.filter(name="解放碑站").count() == 1
