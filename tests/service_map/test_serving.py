"""Which branch serves a place, and whose order it is."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plugins.org_hierarchy.levels import UnitStatus
from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.attribution import claim
from plugins.service_map.models import Community, Place, ServiceArea
from plugins.service_map.serving import Basis, serve_at, unit_of_address
from plugins.service_map.sync import sync_all, sync_units
from saleor_o2o.kernel.clock import today

from .map_support import CENTRE, mapped_org, place_unit, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def org() -> dict[str, OrgUnit]:
    return mapped_org()


def community(unit: OrgUnit, name: str, *aliases: str, region: str = "500103") -> Community:
    made = Community(name=name, aliases=list(aliases), unit=unit, region_code=region)
    made.put_at(*CENTRE)
    made.save()
    return made


def test_the_area_around_a_position(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # when
    with django_assert_num_queries(1):
        found = serve_at(106.58, 29.58)

    # then
    assert found is not None
    assert (found.unit, found.basis, found.text) == (org["B111"], Basis.AREA, "在甲一支局服务范围内")
    assert round(found.metres or 0) == 4421


def test_of_two_areas_the_smaller_one(org: dict[str, OrgUnit]) -> None:
    # given: a branch within another's area
    place_unit(org["B112"], 106.55, 29.55, service_area=square(106.54, 29.54, 0.02))
    sync_units([org["B112"].pk])

    # then
    inside, beside = serve_at(106.55, 29.55), serve_at(106.52, 29.52)
    assert inside is not None and inside.unit == org["B112"]
    assert beside is not None and beside.unit == org["B111"]


def test_a_changed_area_counts_at_once(org: dict[str, OrgUnit]) -> None:
    # given
    assert serve_at(106.58, 29.58) is not None

    # when
    place_unit(org["B111"], 106.55, 29.55, service_area=square(106.5, 29.5, 0.05))
    sync_units([org["B111"].pk])

    # then
    found = serve_at(106.58, 29.58)
    assert found is not None and (found.unit, found.basis) == (org["B111"], Basis.NEAREST)
    assert found.text == "不在任何支局的服务范围内，由最近的甲一支局服务，相距 4.4 公里"


@pytest.mark.parametrize(
    "change",
    [
        {"status": UnitStatus.SUSPENDED},
        {"status": UnitStatus.CLOSED},
        {"status": UnitStatus.PLANNED},
        {"effective_from": today() + timedelta(days=1)},
    ],
)
def test_a_branch_that_is_not_open_serves_nobody(org: dict[str, OrgUnit], change: dict[str, Any]) -> None:
    # given
    OrgUnit.objects.filter(pk=org["B111"].pk).update(**change)
    sync_all()

    # then
    found = serve_at(*CENTRE)
    assert found is not None and (found.unit, found.basis) == (org["B112"], Basis.NEAREST)


def test_nobody_serves_the_wilderness(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # then
    with django_assert_num_queries(2):
        assert serve_at(109.5, 31.5) is None


ADDRESSES = [
    ("渝中区", "中山四路 1 号", "C11", "按行政区划由渝中服务"),
    ("重庆市渝中区", "", "C11", "按行政区划由渝中服务"),
    ("渝中", "", "C11", "按行政区划由渝中服务"),
    ("沙坪坝区", "大学城", "C12", "按行政区划由沙坪坝服务"),
    ("渝中区", "甲二路口", "C11", "按行政区划由渝中服务"),
    ("渝中区", "甲二镇正街 3 号", "B112", "地址在甲二，由甲二支局服务"),
    ("渝中区", "甲二镇金色家园 3 栋", "B111", "金色家园由甲一支局服务"),
    ("渝中区", "老厂宿舍 3 栋", "B111", "金色家园由甲一支局服务"),
]


@pytest.mark.parametrize(("district", "street", "code", "text"), ADDRESSES)
def test_an_address_in_one_statement(
    org: dict[str, OrgUnit],
    district: str,
    street: str,
    code: str,
    text: str,
    django_assert_num_queries: Any,
) -> None:
    # given
    community(org["B111"], "金色家园", "老厂宿舍")
    community(org["B121"], "金色家园", region="500106")
    OrgUnit.objects.filter(pk=org["B112"].pk).update(
        short_name="甲二支局" if "镇" in street else "甲二乙支局"
    )

    # when
    with django_assert_num_queries(1):
        found = unit_of_address(district, street)

    # then
    assert found is not None
    assert (found.unit.code, found.text) == (code, text)


@pytest.mark.parametrize("district", ["", "  ", "海淀区", "重庆市", "区" * 50, "%"])
def test_an_unknown_district_is_nobodys(org: dict[str, OrgUnit], district: str) -> None:
    # then
    assert unit_of_address(district, "甲二镇") is None


def test_a_closed_county_is_nobodys(org: dict[str, OrgUnit]) -> None:
    # given
    OrgUnit.objects.filter(pk=org["C12"].pk).update(status=UnitStatus.CLOSED)

    # then
    assert unit_of_address("沙坪坝区", "") is None


def order_to(city: str, street: str = "中山四路 1 号") -> Any:
    address = SimpleNamespace(city=city, street_address_1=street, street_address_2="")
    return SimpleNamespace(shipping_address=address, billing_address=None)


def test_an_order_is_claimed_for_its_address(org: dict[str, OrgUnit], django_assert_num_queries: Any) -> None:
    # when
    with django_assert_num_queries(1):
        found = claim(order_to("渝中区"), None)

    # then
    assert found is not None and (found.unit, found.basis) == (org["C11"], "county")


def test_an_order_without_a_known_address_is_left_to_others(org: dict[str, OrgUnit]) -> None:
    # then
    assert claim(order_to("海淀区"), None) is None
    assert claim(SimpleNamespace(shipping_address=None, billing_address=None), None) is None


def test_the_sync_follows_and_repeats_nothing(org: dict[str, OrgUnit]) -> None:
    # given: everything is in step
    assert sync_all() == 0
    assert set(Place.objects.values_list("unit__code", flat=True)) == {
        "B111", "B112", "B121", "O1111", "O1112", "O1211",
    }  # fmt: skip
    assert set(ServiceArea.objects.values_list("unit__code", flat=True)) == {"B111", "B112"}

    # when: one closed, one lost its area and position
    OrgUnit.objects.filter(pk=org["O1111"].pk).update(status=UnitStatus.CLOSED)
    OrgUnit.objects.filter(pk=org["B112"].pk).update(service_area=None, lng=None, lat=None)

    # then
    assert sync_all() == 3
    hidden = Place.objects.filter(status="hidden").values_list("unit__code", flat=True)
    assert set(hidden) == {"O1111", "B112"}
    assert not ServiceArea.objects.filter(unit=org["B112"]).exists()
    assert sync_all() == 0


def test_the_sync_takes_the_same_statements_for_any_number(
    org: dict[str, OrgUnit], django_assert_num_queries: Any
) -> None:
    # given
    Place.objects.all().delete()
    ServiceArea.objects.all().delete()
    sync_units([])  # the first lock of a transaction also bounds the waiting

    # then: savepoint, lock, places, insert, marks, insert, release
    for keys in ([org["B111"].pk], [unit.pk for unit in org.values() if unit != org["B111"]]):
        with django_assert_num_queries(7):
            sync_units(keys)


def test_orders_at_the_units_do_not_wait_for_the_sync(org: dict[str, OrgUnit]) -> None:
    # when
    with CaptureQueriesContext(connection) as seen:
        sync_units([org["B111"].pk])

    # then
    locks = [query["sql"] for query in seen if " FOR " in query["sql"]]
    assert [sql[sql.index(" FOR ") :] for sql in locks] == [
        ' FOR NO KEY UPDATE OF "o2o_org_hierarchy_orgunit"'
    ]


@pytest.mark.parametrize(
    ("district", "street", "code", "basis"),
    [
        ("两江新区", "观音桥步行街 1 号", "B111", Basis.TOWN),
        ("两江新区", "两路街道 1 号", "B121", Basis.TOWN),
        ("重庆市两江新区", "金渝大道 1 号", "C12", Basis.COUNTY),
        ("江北区", "观音桥步行街 1 号", "B111", Basis.TOWN),
        ("江北区", "建新北路 1 号", "C11", Basis.COUNTY),
        ("渝北区", "两路街道 1 号", "B121", Basis.TOWN),
        ("渝北区", "锦绣家园 3 栋", "B121", Basis.COMMUNITY),
        ("两江新区", "锦绣家园 3 栋", "B121", Basis.COMMUNITY),
        ("两江新区", "江岸花园 3 栋", "B111", Basis.COMMUNITY),
        ("江北区", "两路街道 1 号", "C11", Basis.COUNTY),
    ],
)
def test_a_merged_district_and_its_old_names(
    org: dict[str, OrgUnit], district: str, street: str, code: str, basis: Basis
) -> None:
    # given: two centres go on in one district; only one of them has its code
    for key, short, region in (("C11", "江北", "500105"), ("C12", "渝北", "500157")):
        OrgUnit.objects.filter(path__startswith=org[key].path).update(region_code=region)
        OrgUnit.objects.filter(pk=org[key].pk).update(short_name=short)
    for key, short in (("B111", "观音桥支局"), ("B112", "寸滩支局"), ("B121", "两路支局")):
        OrgUnit.objects.filter(pk=org[key].pk).update(short_name=short)
    community(org["B111"], "江岸花园", region="500105")
    community(org["B121"], "锦绣家园", region="500157")

    # when
    served = unit_of_address(district, street)

    # then
    assert served is not None
    assert (served.unit.code, served.basis) == (code, basis)
