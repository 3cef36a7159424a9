"""Addresses of one's own: stock's rows, the unit that serves them, and no more than twenty."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import Address

from plugins.members.models import AddressPlace, Member
from plugins.members.services import addresses
from plugins.members.services.addresses import Told, addresses_of, save_address
from plugins.members.services.signing_in import sign_in
from plugins.org_hierarchy.interfaces import OrgUnit
from tests.threads import kinds, meeting_before_save, together

from .asking import ERRORS, OTHER, ask, codes_of, phone, somebody

FIELDS = """id name mobile mobileMasked province city district town detail door postcode text lng lat isDefault unitCode
  servingText"""
MINE = f"{{ myAddresses {{ {FIELDS} }} }}"
SAVE = f"""mutation($id: ID, $input: MemberAddressInput!) {{ memberAddressSave(id: $id, input: $input) {{
  address {{ {FIELDS} }} {ERRORS} }} }}"""
DROP = f"mutation($id: ID!) {{ memberAddressDelete(id: $id) {{ addresses {{ id isDefault }} {ERRORS} }} }}"
DEFAULT = (
    f"mutation($id: ID!) {{ memberAddressDefault(id: $id) {{ addresses {{ id isDefault }} {ERRORS} }} }}"
)
STOCK = """mutation($input: AddressInput!) { accountAddressCreate(input: $input) {
  address { id } accountErrors { field message code } } }"""
STOCK_UPDATE = """mutation($id: ID!, $input: AddressInput!) { accountAddressUpdate(id: $id, input: $input) {
  address { id } accountErrors { field message } } }"""
TOLD = {
    "name": "王建国", "mobile": "139 0000 1111", "district": "渝中区", "town": "七星岗街道",
    "detail": "中山一路 1 号示例花园", "door": "3 栋 501",
}  # fmt: skip
OF_STOCK = {
    "firstName": "王建国", "streetAddress1": "人民路 1 号", "city": "渝中区", "countryArea": "重庆市",
    "postalCode": "400010", "country": "CN",
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(org: dict[str, OrgUnit]) -> dict[str, OrgUnit]:
    """C11 is the county of 渝中区, B111 the branch of 七星岗; O1111 has a postcode above it."""
    OrgUnit.objects.filter(code="C11").update(short_name="渝中区", region_code="500103", postcode="400010")
    OrgUnit.objects.filter(code="B111").update(short_name="七星岗支局")
    OrgUnit.objects.filter(code="C12").update(short_name="江北区", region_code="500105")
    return org


def told(**more: Any) -> Told:
    return Told(**{**TOLD, **more})


def token_of(member: Member) -> str:
    return sign_in(member, phone()).token


def test_an_address_finds_its_branch_and_the_member_his_home(served: dict[str, OrgUnit]) -> None:
    # given
    token = token_of(somebody())

    # when
    made = ask(SAVE, {"input": TOLD}, token)
    twice = ask(SAVE, {"input": TOLD}, token)

    # then
    assert made["errors"] == twice["errors"] == []
    assert made["address"] == twice["address"]  # a double tap is one address
    assert made["address"].pop("id")
    assert made["address"] == {
        "name": "王建国", "mobile": "13900001111", "mobileMasked": "139****1111", "province": "重庆市",
        "city": "重庆市", "district": "渝中区", "town": "七星岗街道", "detail": "中山一路 1 号示例花园",
        "door": "3 栋 501", "postcode": "400010", "text": "重庆市渝中区七星岗街道中山一路 1 号示例花园3 栋 501",
        "lng": None, "lat": None,
        "isDefault": True, "unitCode": "B111", "servingText": "地址在七星岗，由七星岗支局服务",
    }  # fmt: skip
    assert Member.objects.get().home_unit == served["B111"]
    # and stock knows it as any other
    row = Address.objects.get()
    assert (row.country_area, row.city, str(row.country)) == ("重庆市", "渝中区", "CN")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"name": " "}, "REQUIRED", "name"),
        ({"mobile": "12"}, "MOBILE_INVALID", "mobile"),
        ({"district": "没有区"}, "ADDRESS_INVALID", "city"),
        ({"province": "火星省", "city": "火星市"}, "ADDRESS_INVALID", "province"),
        ({"province": "四川省"}, "REQUIRED", "city"),
        ({"detail": ""}, "REQUIRED", "detail"),
        ({"postcode": "4000"}, "ADDRESS_INVALID", "postcode"),
        ({"lng": 29.5, "lat": 106.5}, "POSITION_INVALID", "lng"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(
    served: dict[str, OrgUnit], more: dict[str, Any], code: str, field: str
) -> None:
    # when
    answer = ask(SAVE, {"input": {**TOLD, **more}}, token_of(somebody()))

    # then
    assert codes_of(answer) == [code] and answer["errors"][0]["field"] == field
    assert not Address.objects.exists()


def test_an_address_beyond_the_city_is_kept_and_nobody_serves_it(served: dict[str, OrgUnit]) -> None:
    # when
    away = {**TOLD, "province": "四川省", "city": "成都市", "district": "武侯区", "town": ""}
    made = ask(SAVE, {"input": away}, token_of(somebody()))

    # then
    assert made["errors"] == []
    shown = {key: made["address"][key] for key in ("province", "city", "district", "unitCode", "postcode")}
    assert shown == {
        "province": "四川省", "city": "成都市", "district": "武侯区", "unitCode": None, "postcode": "000000",
    }  # fmt: skip


def test_the_default_one_comes_first_and_is_never_missing(served: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    token = token_of(member)
    first = ask(SAVE, {"input": TOLD}, token)["address"]["id"]
    second = ask(SAVE, {"input": {**TOLD, "door": "4 栋"}}, token)["address"]["id"]
    third = ask(SAVE, {"input": {**TOLD, "door": "5 栋", "isDefault": True}}, token)["address"]["id"]

    # then
    assert [one["id"] for one in ask(MINE, token=token)] == [third, second, first]
    moved = ask(DEFAULT, {"id": first}, token)["addresses"]
    assert (moved[0]["id"], moved[0]["isDefault"]) == (first, True)
    left = ask(DROP, {"id": first}, token)["addresses"]
    assert [(one["id"], one["isDefault"]) for one in left] == [(third, True), (second, False)]


def test_another_s_address_is_nobody_s(served: dict[str, OrgUnit]) -> None:
    # given
    theirs = ask(SAVE, {"input": TOLD}, token_of(somebody()))["address"]["id"]
    mine = token_of(somebody(OTHER))

    # then
    for identity in (theirs, "nonsense", "QWRkcmVzczp4", "VXNlcjox"):
        for query, more in ((SAVE, {"input": {**TOLD, "name": "别人"}}), (DROP, {}), (DEFAULT, {})):
            assert codes_of(ask(query, {"id": identity, **more}, mine)) == ["NOT_FOUND"], identity
    assert Address.objects.get().first_name == "王建国"
    assert ask(MINE) == [] and ask(MINE, token=mine) == []
    assert codes_of(ask(SAVE, {"input": TOLD})) == ["SIGN_IN_REQUIRED"]


def test_what_stock_changes_is_looked_at_anew(served: dict[str, OrgUnit]) -> None:
    # given: an address of stock's, then changed by stock's mutation to another county
    member = somebody()
    token = token_of(member)
    key = ask(STOCK, {"input": OF_STOCK}, token)["address"]["id"]
    assert [one["unitCode"] for one in ask(MINE, token=token)] == ["C11"]
    ask(SAVE, {"id": key, "input": {**TOLD, "lng": 106.57, "lat": 29.56}}, token)

    # when
    changed = ask(STOCK_UPDATE, {"id": key, "input": {**OF_STOCK, "city": "江北区"}}, token)

    # then: neither the position nor the town of before counts
    assert changed["accountErrors"] == []
    [one] = ask(MINE, token=token)
    assert (one["district"], one["unitCode"], one["lng"], one["town"]) == ("江北区", "C12", None, "")


def test_no_more_than_twenty_by_either_door(served: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    token = token_of(member)
    for number in range(addresses.MOST):
        save_address(member, told(door=f"{number} 栋"))

    # when
    ours = ask(SAVE, {"input": TOLD}, token)
    stocks = ask(STOCK, {"input": OF_STOCK}, token)

    # then
    assert codes_of(ours) == ["TOO_MANY"] and "20" in ours["errors"][0]["message"]
    assert "最多保存 20 个地址" in stocks["accountErrors"][0]["message"] and stocks["address"] is None
    assert Address.objects.count() == addresses.MOST
    # and one that is there already may be saved again, or changed
    assert ask(SAVE, {"input": {**TOLD, "door": "3 栋"}}, token)["errors"] == []


def test_reading_addresses_costs_the_same_for_many(served: dict[str, OrgUnit]) -> None:
    # given
    member = somebody()
    save_address(member, told())
    with CaptureQueriesContext(connection) as few:
        addresses_of(member)
    for number in range(6):
        save_address(member, told(door=f"{number} 栋"))

    # when
    with CaptureQueriesContext(connection) as many:
        addresses_of(member)

    # then
    assert len(few) == len(many) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_phones_at_once_keep_within_the_number(served: dict[str, OrgUnit], locked: bool) -> None:
    # given: room for one more
    member = somebody()
    for number in range(addresses.MOST - 1):
        save_address(member, told(door=f"{number} 栋"))

    # when
    def add(number: int) -> Any:
        return lambda: save_address(Member.objects.get(pk=member.pk), told(door=f"新 {number} 栋"))

    if locked:
        done = together(*map(add, range(6)))
    else:
        with (
            patch.object(addresses, "lock_rows", lambda *_args, **_more: []),
            meeting_before_save(Address, 6),
        ):
            done = together(*map(add, range(6)))

    # then: without the lock the same test must keep too many
    count = AddressPlace.objects.count()
    assert count == addresses.MOST if locked else count > addresses.MOST
    if locked:
        assert kinds(done) == ["Address", *["MemberError"] * 5]
