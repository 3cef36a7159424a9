"""Drawing who serves where: looked at, refused in words, saved as it was seen, one of two at a time."""

from __future__ import annotations

import json
from contextlib import nullcontext
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.interfaces import OrgError, OrgErrorCode, convert
from plugins.org_hierarchy.models import OrgUnit, UnitVersion
from plugins.service_map.errors import MapError, MapErrorCode
from plugins.service_map.models import Community, ServiceArea
from plugins.service_map.overlaps import check_county
from plugins.service_map.reference import ReferenceBasis
from plugins.service_map.services import areas
from plugins.service_map.services.areas import inspect_area, save_area, simplify, trim
from plugins.service_map.serving import serve_at
from plugins.service_map.sync import sync_all

from ..orgs import again, person
from .map_support import mapped_org, square

RIGHTS = ["map.view", "org_unit.view", "org_unit.edit"]


@pytest.fixture
def org(db: Any) -> dict[str, OrgUnit]:
    return mapped_org()


def fresh(unit: OrgUnit) -> OrgUnit:
    return OrgUnit.objects.select_related("parent").get(pk=unit.pk)


def url(name: str, unit: OrgUnit) -> str:
    return reverse(f"admin:o2o_service_map_servicearea_{name}", args=[unit.pk])


def login(user: Any) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, address: str, body: Any) -> tuple[int, dict[str, Any]]:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(address, text, content_type="application/json")
    return answer.status_code, answer.json() if "json" in answer.headers["Content-Type"] else {}


# -- looking ---------------------------------------------------------------------------------------


def test_a_drawing_is_told_what_is_odd_about_it(org: dict[str, OrgUnit]) -> None:
    # given: the east edge is taken back by a kilometre and the north edge by half the square
    drawn = {
        "type": "Polygon",
        "coordinates": [[[106.5, 29.5], [106.59, 29.5], [106.59, 29.54], [106.5, 29.54], [106.5, 29.5]]],
    }

    # when
    seen = inspect_area(fresh(org["B111"]), drawn)

    # then
    words = {one.kind: one.text for one in seen.findings}
    assert words["self_outside"] == "支局自己的位置不在范围内"
    assert words["outlets_outside"].startswith("有 2 个下属网点在范围外：")
    assert "平方公里无支局服务，其中有网点 3 个" in words["gap"]
    assert "overlap" not in words
    assert seen.km2 == pytest.approx(38.7, abs=0.1)


def test_the_same_square_is_quiet(org: dict[str, OrgUnit]) -> None:
    seen = inspect_area(fresh(org["B111"]), square(106.5, 29.5))
    assert (seen.findings, seen.overlaps) == ([], [])


def test_gaps_are_measured_near_places_and_within_an_outline_where_there_is_one(
    org: dict[str, OrgUnit],
) -> None:
    # given: B112 serves nothing more; its branch stands in the middle of the square that it gave up
    OrgUnit.objects.filter(pk=org["B112"].pk).update(service_area=None)
    sync_all()

    # then: two kilometres around the branch, as far as it is nearer than others
    report = check_county(fresh(org["C11"]))
    assert report.reference.basis is ReferenceBasis.PLACES
    assert "没有登记区县边界" in report.reference.text
    [gap] = report.gaps
    assert gap.km2 == pytest.approx(12.5, abs=0.3) and gap.places == 1
    assert [unit.code for unit in report.without] == ["B112"]

    # when: the county's outline is known
    save_area(fresh(org["C11"]), square(106.5, 29.5, 0.15), revision=fresh(org["C11"]).revision)

    # then
    report = check_county(fresh(org["C11"]))
    assert report.reference.basis is ReferenceBasis.OUTLINE
    assert report.gaps[0].km2 == pytest.approx(107.5 * 2.25 - 107.5, abs=1)
    assert report.beyond == []


def test_a_branch_beyond_the_outline_is_told(org: dict[str, OrgUnit]) -> None:
    # given
    save_area(fresh(org["C11"]), square(106.5, 29.5, 0.15), revision=1)

    # then
    seen = inspect_area(fresh(org["B112"]), square(106.6, 29.5))
    assert "平方公里在" in {one.kind: one.text for one in seen.findings}["beyond"]
    [beyond] = check_county(fresh(org["C11"])).beyond
    assert beyond.unit == org["B112"] and beyond.km2 == pytest.approx(53.7, abs=0.5)


# -- saving ----------------------------------------------------------------------------------------


def test_a_saved_area_serves_at_once_and_keeps_its_history(org: dict[str, OrgUnit]) -> None:
    # when
    saved, _seen = save_area(fresh(org["B111"]), square(106.5, 29.5, 0.09), revision=1, reason="重新划界")

    # then
    assert saved.revision == 2
    assert UnitVersion.objects.filter(unit=saved, reason="重新划界").exists()
    assert ServiceArea.objects.get(pk=saved.pk).east == pytest.approx(106.59)
    served = serve_at(106.52, 29.52)
    assert served is not None and served.unit == saved


def test_an_overlap_is_refused_in_words_and_kept_on_purpose_with_a_reason(org: dict[str, OrgUnit]) -> None:
    # given
    drawn = square(106.5, 29.5, 0.12)

    # when
    with pytest.raises(MapError) as refused:
        save_area(fresh(org["B111"]), drawn, revision=1)

    # then
    assert refused.value.code == MapErrorCode.AREA_OVERLAPS
    assert str(refused.value.message) == "与甲二支局重叠 21.51 平方公里"
    assert "去掉重叠部分" in str(refused.value.hint)
    assert fresh(org["B111"]).revision == 1

    # when: on purpose, but without saying why; then with a reason
    with pytest.raises(MapError) as silent:
        save_area(fresh(org["B111"]), drawn, revision=1, overlap_ok=True)
    assert silent.value.code == MapErrorCode.REQUIRED
    saved, _seen = save_area(fresh(org["B111"]), drawn, revision=1, overlap_ok=True, reason="共管路口")
    assert saved.revision == 2


def test_of_two_editors_the_later_one_is_told(org: dict[str, OrgUnit]) -> None:
    # given
    save_area(fresh(org["B111"]), square(106.5, 29.5, 0.09), revision=1)

    # when
    with pytest.raises(OrgError) as refused:
        save_area(fresh(org["B111"]), square(106.5, 29.5, 0.08), revision=1)

    # then
    assert refused.value.code == OrgErrorCode.CHANGED_MEANWHILE
    assert "服务范围" in str(refused.value.message)
    assert ServiceArea.objects.get(pk=org["B111"].pk).east == pytest.approx(106.59)


def test_an_area_is_taken_away(org: dict[str, OrgUnit]) -> None:
    saved, seen = save_area(fresh(org["B111"]), None, revision=1)
    assert (saved.service_area, seen) == (None, None)
    assert not ServiceArea.objects.filter(pk=saved.pk).exists()


def test_what_neighbours_serve_is_cut_off(org: dict[str, OrgUnit]) -> None:
    # given
    drawn = square(106.55, 29.45, 0.1)

    # when
    cut = trim(fresh(org["B112"]), drawn)

    # then: nothing of B111's square is left in it
    seen = inspect_area(fresh(org["B112"]), cut)
    assert seen.overlaps == []
    assert seen.km2 == pytest.approx(107.5 - 26.9, abs=0.5)
    with pytest.raises(MapError, match="什么也不剩"):
        trim(fresh(org["B112"]), square(106.52, 29.52, 0.02))


def test_too_many_points_are_simplified(org: dict[str, OrgUnit]) -> None:
    # given: a square with 2,400 points on its edges
    steps = [number / 600 * 0.1 for number in range(600)]
    ring = [[106.5 + s, 29.5] for s in steps] + [[106.6, 29.5 + s] for s in steps]
    ring += [[106.6 - s, 29.6] for s in steps] + [[106.5, 29.6 - s] for s in steps]
    many = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    # then
    with pytest.raises(OrgError, match="边界最多 2000 个点"):
        inspect_area(fresh(org["B111"]), many)
    assert len(simplify(many)["coordinates"][0]) == 5
    assert len(simplify(json.dumps(many))["coordinates"][0]) == 5


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "negative control"])
@pytest.mark.django_db(transaction=True)
def test_two_neighbours_do_not_take_the_same_ground(monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    # given: two branches without areas, both drawn over the same square at the same moment
    org = mapped_org()
    OrgUnit.objects.filter(pk__in=[org["B111"].pk, org["B112"].pk]).update(service_area=None)
    sync_all()
    together = Barrier(2, timeout=20)
    looked = areas.inspect_area

    def slowly(*given: Any) -> Any:
        seen = looked(*given)
        if not locked:
            together.wait()
        return seen

    monkeypatch.setattr(areas, "inspect_area", slowly)
    if not locked:
        monkeypatch.setattr(areas, "lock_areas", nullcontext)
    told: list[str] = []

    def work(unit: OrgUnit) -> None:
        try:
            if locked:
                together.wait()
            save_area(fresh(unit), square(106.5, 29.5), revision=1)
            told.append("saved")
        except MapError as error:
            told.append(str(error.code))
        finally:
            connections.close_all()

    # when
    threads = [Thread(target=work, args=[org[code]]) for code in ("B111", "B112")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    # then
    expected = ["AREA_OVERLAPS", "saved"] if locked else ["saved", "saved"]
    assert sorted(told) == expected
    assert ServiceArea.objects.count() == expected.count("saved")


# -- the page --------------------------------------------------------------------------------------


def test_the_board_shows_the_neighbours_and_who_may_save(org: dict[str, OrgUnit]) -> None:
    # given
    Community.objects.create(
        name="金色家园", unit=org["B111"], region_code="500103", search_text=" ", lng=106.55, lat=29.55,
        source_lng=106.55, source_lat=29.55,
    )  # fmt: skip
    editor, reader = (
        login(person(org["C11"], name, rights))
        for name, rights in (("editor", RIGHTS), ("reader", RIGHTS[:2]))
    )

    # then
    shown = editor.get(url("draw", org["B111"])).content.decode()
    for words in ("甲二支局", "金色家园", "撤销", "去掉重叠部分", "坐标系"):
        assert words in shown or json.dumps(words)[1:-1] in shown
    seen = reader.get(url("draw", org["B111"])).content.decode()
    assert "没有修改这个机构的权限" in seen and 'data-do="save"' not in seen
    assert editor.get(url("draw", org["O1111"])).status_code == 404
    detail = editor.get(
        reverse("admin:o2o_org_hierarchy_orgunit_change", args=[org["B111"].pk])
    ).content.decode()
    assert url("draw", org["B111"]) in detail


@pytest.mark.parametrize(
    ("who", "check", "save"),
    [("nobody", 302, 302), ("foreign", 404, 404), ("reader", 200, 400), ("editor", 200, 200)],
)
def test_who_may_save(org: dict[str, OrgUnit], who: str, check: int, save: int) -> None:
    # given
    client = {
        "nobody": Client,
        "foreign": lambda: login(person(org["C21"], "f", RIGHTS)),
        "reader": lambda: login(person(org["C11"], "r", RIGHTS[:2])),
        "editor": lambda: login(person(org["C11"], "e", RIGHTS)),
    }[who]()
    body = {"area": square(106.5, 29.5, 0.09), "revision": 1}

    # then
    assert send(client, url("check", org["B111"]), body)[0] == check
    assert send(client, url("save", org["B111"]), body)[0] == save
    assert fresh(org["B111"]).revision == (2 if who == "editor" else 1)


CROSSED = {
    "type": "Polygon",
    "coordinates": [[[106.5, 29.5], [106.6, 29.6], [106.6, 29.5], [106.5, 29.6], [106.5, 29.5]]],
}
SWAPPED = {"type": "Polygon", "coordinates": [[[29.5, 106.5], [29.6, 106.5], [29.6, 106.6], [29.5, 106.5]]]}
FAR = {"type": "Polygon", "coordinates": [[[116.3, 39.9], [116.4, 39.9], [116.4, 40.0], [116.3, 39.9]]]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"area": CROSSED}, "自己交叉了"),
        ({"area": SWAPPED}, "写反了"),
        ({"area": FAR}, "不在本市范围内"),
        ({"area": square(106.5, 29.5), "datum": "mars"}, "没有这种坐标系"),
        ({"area": "not json"}, "应是 GeoJSON"),
        ({"area": {"type": "Point", "coordinates": [106.5, 29.5]}}, "应是多边形"),
        ({"area": {"type": "Polygon", "coordinates": [[None, 3]]}}, "不是 [经度, 纬度]"),
        ({"area": {"type": "Polygon", "coordinates": [[]]}}, "至少要有三个不同的点"),
        ({"area": square(106.5, 29.5, 0.12), "revision": 1}, "与甲二支局重叠"),
        ("[", "读不出来"),
        ("[1]", "读不出来"),
    ],
)
@pytest.mark.parametrize("name", ["check", "save"])
def test_bad_drawings_are_answers(org: dict[str, OrgUnit], name: str, body: Any, words: str) -> None:
    # given
    client = login(person(org["C11"], "editor", RIGHTS))
    asked = {"revision": 1, **body} if isinstance(body, dict) else body

    # when
    status, told = send(client, url(name, org["B111"]), asked)

    # then
    if name == "check" and "重叠" in words:
        assert status == 200 and words in told["findings"][0]["text"]
    else:
        assert status == 400 and words in told["error"]["message"] + told["error"]["hint"]
    for do in ("trim", "simplify"):
        if isinstance(asked, dict):
            assert send(client, url("check", org["B111"]), {**asked, "do": do})[0] in (200, 400)
    assert fresh(org["B111"]).revision == 1


def test_a_drawing_from_a_receiver_is_converted(org: dict[str, OrgUnit]) -> None:
    # given: the square as a GPS receiver says it
    ring = [list(convert(lng, lat, "gcj02", "wgs84")) for lng, lat in square(106.5, 29.5)["coordinates"][0]]
    client = login(person(org["C11"], "editor", RIGHTS))

    # when
    drawn = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    _status, told = send(client, url("check", org["B111"]), {"area": json.dumps(drawn), "datum": "wgs84"})

    # then
    assert told["findings"] == []
    corner = min(told["area"]["coordinates"][0])
    assert corner == [pytest.approx(106.5, abs=2e-6), pytest.approx(29.5, abs=2e-6)]


def test_looking_costs_the_same_however_many_neighbours(
    org: dict[str, OrgUnit], django_assert_max_num_queries: Any
) -> None:
    unit = fresh(org["B111"])
    with django_assert_max_num_queries(11):
        inspect_area(unit, square(106.5, 29.5, 0.12))
