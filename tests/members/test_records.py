"""Passengers, payer numbers, vehicles, invoice titles and goods of one's own."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from graphql_relay import to_global_id
from saleor.product.models import Category, Product, ProductType

from plugins.members.models import Favourite, Footprint, InvoiceTitle, Member, Passenger, Vehicle
from plugins.members.services import liking, records
from plugins.members.services.liking import move_liking, note_footprint, set_favourite
from plugins.members.services.merging import merge_proven
from plugins.members.services.records import PASSENGER, TITLE, VEHICLE, save_record
from plugins.members.services.signing_in import sign_in
from saleor_o2o.kernel.errors import DomainError
from tests.orgs import person
from tests.threads import kinds, meeting_before_save, together

from .asking import ERRORS, OTHER, ask, codes_of, phone, somebody
from .test_pages import browser, page

pytestmark = pytest.mark.django_db

ID_NUMBER, CHILD = "110101199003078515", "50010320180512001"
PERSON = "id name kind paper maskedNumber birth maskedMobile verified"
SAVE_PERSON = f"""mutation($id: ID, $input: MemberPassengerInput!) {{ memberPassengerSave(id: $id, input: $input) {{
  passenger {{ {PERSON} }} {ERRORS} }} }}"""
SAVE_PAYER = f"""mutation($id: ID, $input: MemberPayerNumberInput!) {{ memberPayerNumberSave(id: $id, input: $input) {{
  payerNumber {{ id service biller maskedNumber label }} {ERRORS} }} }}"""
CAR = "id plate maskedPlate newEnergy model hasVin hasEngine registeredOn inspectionDue insuranceDue"
SAVE_CAR = f"""mutation($id: ID, $input: MemberVehicleInput!) {{ memberVehicleSave(id: $id, input: $input) {{
  vehicle {{ {CAR} }} {ERRORS} }} }}"""
SAVE_TITLE = f"""mutation($id: ID, $input: MemberInvoiceTitleInput!) {{
  memberInvoiceTitleSave(id: $id, input: $input) {{ invoiceTitle {{ id kind title taxNumber account isDefault }}
  {ERRORS} }} }}"""
DROP = f"""mutation($kind: MemberRecordKind!, $id: ID!) {{
  memberRecordDelete(kind: $kind, id: $id) {{ deleted {ERRORS} }} }}"""
LIKE = f"""mutation($id: ID!, $on: Boolean!) {{ memberFavouriteSet(productId: $id, favourite: $on) {{
  favourite {ERRORS} }} }}"""
SEEN = f"mutation($id: ID!) {{ memberFootprintAdd(productId: $id) {{ {ERRORS} }} }}"
PEOPLE = f"{{ myPassengers {{ {PERSON} }} }}"


def token_of(member: Member) -> str:
    return sign_in(member, phone()).token


def goods(count: int = 1) -> list[Product]:
    """Published goods."""
    kind = ProductType.objects.create(name="t", slug="t")
    category = Category.objects.create(name="c", slug="c")
    return [
        Product.objects.create(
            name=f"桔子 {number}",
            slug=f"orange-{number}",
            product_type=kind,
            category=category,
            is_published=True,
            price_amount=1,
        )
        for number in range(count)
    ]


def test_a_passenger_is_kept_encrypted_and_shown_masked() -> None:
    # given
    token = token_of(somebody())

    # when
    told = {"name": "王建国", "number": "11010119900307851 5", "mobile": "+86 13900001111"}
    made = ask(SAVE_PERSON, {"input": told}, token)
    again = ask(SAVE_PERSON, {"input": told}, token)

    # then
    assert made["errors"] == again["errors"] == [] and made["passenger"]["id"] == again["passenger"]["id"]
    key = made["passenger"].pop("id")
    assert made["passenger"] == {
        "name": "王建国", "kind": "ADULT", "paper": "ID_CARD", "maskedNumber": "110***********8515",
        "birth": "1990-03-07", "maskedMobile": "139****1111", "verified": "NONE",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, number, mobile FROM o2o_members_passenger")
        assert not any(word in str(cursor.fetchall()) for word in ("王建国", ID_NUMBER, "13900001111"))
    # and a change of the name needs no number again
    changed = ask(SAVE_PERSON, {"id": key, "input": {"name": "王建军"}}, token)
    assert changed["errors"] == [] and Passenger.objects.get().number == ID_NUMBER


def test_a_child_has_an_identity_number_too() -> None:
    # given
    from saleor_o2o.kernel.documents import id_check

    token, number = token_of(somebody()), CHILD + id_check(CHILD)

    # when
    made = ask(SAVE_PERSON, {"input": {"name": "王小渝", "number": number, "kind": "CHILD"}}, token)
    adult = ask(SAVE_PERSON, {"input": {"name": "王小渝", "number": number, "kind": "ADULT"}}, token)

    # then
    assert made["errors"] == [] and made["passenger"]["birth"] == "2018-05-12"
    assert codes_of(adult) == ["INVALID"] and adult["errors"][0]["field"] == "kind"
    assert Passenger.objects.get().kind == "child"


@pytest.mark.parametrize(
    ("query", "told", "code", "field"),
    [
        (SAVE_PERSON, {"name": "王", "number": "110101199003078516"}, "ID_NUMBER_INVALID", "number"),
        (
            SAVE_PERSON,
            {"name": "王", "number": ID_NUMBER, "birth": "1990-03-08"},
            "BIRTHDAY_INVALID",
            "birth",
        ),
        (SAVE_PERSON, {"name": "王", "number": ID_NUMBER, "mobile": "12"}, "MOBILE_INVALID", "mobile"),
        (SAVE_PERSON, {"number": ID_NUMBER}, "REQUIRED", "name"),
        (SAVE_PERSON, {"name": "王", "paper": "PASSPORT", "number": "E12345678"}, "REQUIRED", "birth"),
        (SAVE_PAYER, {"service": "GAS", "number": "3001234567"}, "REQUIRED", "biller"),
        (SAVE_PAYER, {"service": "GAS", "biller": "重庆燃气", "number": "户号'; --"}, "INVALID", "number"),
        (SAVE_CAR, {"plate": "渝A1234"}, "INVALID", "plate"),
        (SAVE_CAR, {"plate": "渝A12345", "vin": "12"}, "INVALID", "vin"),
        (SAVE_CAR, {"plate": "渝A12345", "registeredOn": "2999-01-01"}, "INVALID", "registeredOn"),
        (
            SAVE_CAR,
            {"plate": "渝A12345", "registeredOn": "2024-01-01", "inspectionDue": "2023-01-01"},
            "INVALID",
            "inspectionDue",
        ),
        (SAVE_TITLE, {"kind": "COMPANY", "title": "某公司", "taxNumber": "1"}, "INVALID", "taxNumber"),
        (SAVE_TITLE, {"kind": "COMPANY", "title": "某公司"}, "INVALID", "taxNumber"),
        (SAVE_TITLE, {"title": "王建国", "email": "nonsense"}, "INVALID", "email"),
        (SAVE_TITLE, {"title": " "}, "REQUIRED", "title"),
    ],
)
def test_what_cannot_be_is_refused_in_words(query: str, told: dict[str, Any], code: str, field: str) -> None:
    # when
    answer = ask(query, {"input": told}, token_of(somebody()))

    # then
    assert codes_of(answer) == [code] and answer["errors"][0]["field"] == field
    assert not any(spec.model._default_manager.exists() for spec in records.KINDS.values())


def test_others_rows_are_nobody_s() -> None:
    # given
    mine, theirs = somebody(), somebody(OTHER)
    told = {"name": "王建国", "number": ID_NUMBER}
    row = save_record(theirs, PASSENGER, told)
    token = token_of(mine)

    # then: the same person may be another's passenger too
    for identity in (str(row.pk), "0", "-1", "x", "9" * 30):
        assert codes_of(ask(SAVE_PERSON, {"id": identity, "input": told}, token)) == ["NOT_FOUND"]
        assert codes_of(ask(DROP, {"kind": "PASSENGER", "id": identity}, token)) == ["NOT_FOUND"]
    assert ask(PEOPLE, token=token) == [] and ask(PEOPLE) == []
    assert ask(SAVE_PERSON, {"input": told}, token)["errors"] == []
    assert codes_of(ask(SAVE_PERSON, {"input": told})) == ["SIGN_IN_REQUIRED"]
    assert Passenger.objects.count() == 2


def test_a_change_into_another_of_one_s_rows_is_refused() -> None:
    # given
    member = somebody()
    save_record(member, VEHICLE, {"plate": "渝A12345"})
    other = save_record(member, VEHICLE, {"plate": "渝AD12345"})

    # when
    answer = ask(SAVE_CAR, {"id": str(other.pk), "input": {"plate": "渝a 12345"}}, token_of(member))

    # then
    assert codes_of(answer) == ["DUPLICATE"]
    assert {one.plate for one in Vehicle.objects.all()} == {"渝A12345", "渝AD12345"}


def test_one_invoice_title_is_the_default() -> None:
    # given
    token = token_of(somebody())
    one = ask(SAVE_TITLE, {"input": {"title": "王建国", "account": "123"}}, token)["invoiceTitle"]
    two = ask(
        SAVE_TITLE,
        {
            "input": {
                "kind": "COMPANY",
                "title": "某公司",
                "taxNumber": "911000000000192465",
                "isDefault": True,
            }
        },
        token,
    )["invoiceTitle"]

    # then
    assert one["isDefault"] and two["isDefault"] and one["account"] == ""  # a company's only
    assert [(row.title, row.is_default) for row in InvoiceTitle.objects.order_by("pk")] == [
        ("王建国", False), ("某公司", True),
    ]  # fmt: skip
    ask(DROP, {"kind": "TITLE", "id": two["id"]}, token)
    assert InvoiceTitle.objects.get().is_default


def test_a_passenger_whose_paper_changes_is_verified_no_more() -> None:
    # given
    member = somebody()
    row = save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER})
    Passenger.objects.update(verified="passed")

    # when
    save_record(member, PASSENGER, {"mobile": "13900001111"}, row.pk)
    assert Passenger.objects.get().verified == "passed"
    save_record(member, PASSENGER, {"paper": "passport", "number": "E12345678"}, row.pk)

    # then
    assert Passenger.objects.get().verified == "none"


def test_goods_are_kept_once_and_footprints_are_the_newest() -> None:
    # given
    member, rows = somebody(), goods(5)
    token = token_of(member)
    keys = [to_global_id("Product", one.pk) for one in rows]

    # when
    assert ask(LIKE, {"id": keys[0], "on": True}, token) == ask(LIKE, {"id": keys[0], "on": True}, token)
    with patch.object(liking, "FOOTPRINTS", 3):
        for key in (*keys, keys[1]):
            assert ask(SEEN, {"id": key}, token)["errors"] == []

    # then
    assert [
        one["product"]["name"] for one in ask("{ myFavourites { product { name } at } }", token=token)
    ] == ["桔子 0"]
    seen = ask("{ myFootprints { product { name } } }", token=token)
    assert [one["product"]["name"] for one in seen] == ["桔子 1", "桔子 4", "桔子 3"]
    assert (
        ask(LIKE, {"id": keys[0], "on": False}, token)["favourite"] is False
        and not Favourite.objects.exists()
    )
    assert ask("mutation { memberFootprintsClear { cleared errors { code } } }", token=token)["cleared"] == 3
    for wrong in ("nonsense", to_global_id("Product", 999_999), to_global_id("User", 1)):
        assert codes_of(ask(LIKE, {"id": wrong, "on": True}, token)) == ["NOT_FOUND"]
        assert codes_of(ask(SEEN, {"id": wrong}, token)) == ["NOT_FOUND"]
    with patch.object(liking, "FAVOURITES", 0):
        assert codes_of(ask(LIKE, {"id": keys[0], "on": True}, token)) == ["TOO_MANY"]


def test_a_merge_brings_everything_along_once() -> None:
    # given
    kept, absorbed = somebody(), somebody(OTHER)
    [one] = goods()
    for member in (kept, absorbed):
        save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER})
        save_record(member, TITLE, {"title": "王建国"})
        set_favourite(member, one.pk, wanted=True)
    save_record(absorbed, VEHICLE, {"plate": "渝A12345"})
    note_footprint(absorbed, one.pk)

    # when
    merge_proven(kept, absorbed, "同一个人")

    # then
    assert (kept.passengers.count(), kept.vehicles.count(), kept.favourites.count(), kept.footprints.count()) == (
        1, 1, 1, 1,
    )  # fmt: skip
    assert not Passenger.objects.filter(member=absorbed).exists() and not Footprint.objects.filter(
        member=absorbed
    )
    assert InvoiceTitle.objects.get(member=kept).is_default
    assert move_liking(kept, absorbed) == 0


def test_the_page_shows_them_masked(org: Any) -> None:
    # given
    member = somebody(home_unit=org["B111"])
    save_record(member, PASSENGER, {"name": "王建国", "number": ID_NUMBER, "mobile": "13900001111"})
    save_record(member, VEHICLE, {"plate": "渝AD12345", "vin": "A1B2C3", "inspection_due": None})
    save_record(member, "payer", {"service": "gas", "biller": "重庆燃气", "number": "3001234567"})
    save_record(member, TITLE, {"kind": "company", "title": "某公司", "tax_number": "911000000000192465"})

    # when
    text = browser(person(org["B111"], "clerk", ["member.view"])).get(page(member)).content.decode()

    # then
    for word in ("王**", "110***********8515", "渝A****45", "******4567", "重庆燃气", "911***********2465"):
        assert word in text, word
    for word in ("王建国", ID_NUMBER, "渝AD12345", "A1B2C3", "3001234567", "911000000000192465"):
        assert word not in text, word


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_many_at_once_keep_within_the_number(locked: bool) -> None:
    # given: room for one more
    member = somebody()
    for number in range(9):
        save_record(member, VEHICLE, {"plate": f"渝A1234{number}"})

    # when
    def add(number: int) -> Any:
        return lambda: save_record(Member.objects.get(pk=member.pk), VEHICLE, {"plate": f"渝B1234{number}"})

    if locked:
        done = together(*map(add, range(6)))
    else:
        with patch.object(records, "lock_rows", lambda *_args, **_more: []), meeting_before_save(Vehicle, 6):
            done = together(*map(add, range(6)))

    # then: without the lock the same test must keep too many
    count = Vehicle.objects.filter(member=member).count()
    assert count == 10 if locked else count > 10
    if locked:
        assert kinds(done) == [*["MemberError"] * 5, "Vehicle"]
        assert all(isinstance(one, Vehicle | DomainError) for one in done)
