"""The tables behind the city: checked before anything is written."""

from decimal import Decimal

from saleor_o2o.kernel.numbering import is_valid
from saleor_o2o.seeding import catalogue
from saleor_o2o.seeding.people import PEOPLE
from saleor_o2o.seeding.pictures.scenes import MOTIFS, banner, palette, produce_picture
from saleor_o2o.seeding.places import NEAREST, WAREHOUSES
from saleor_o2o.seeding.regions import region, regions


def test_regions_have_codes_postcodes_and_positions():
    # given
    found = regions()

    # when
    codes = {one.code for one in found}

    # then
    assert len(found) == len(codes) == 37
    assert all(one.code.startswith("50") and len(one.code) == 6 for one in found)
    assert all(one.postcode.isdigit() and len(one.postcode) == 6 for one in found)
    assert all(105 < one.longitude < 111 and 28 < one.latitude < 33 for one in found)
    assert (region("奉节县").code, region("奉节县").postcode) == ("500236", "404600")


def test_every_county_has_produce_and_a_warehouse_near():
    # given
    counties = {one.name for one in regions()}

    # when
    origins = {item.region.name for item in catalogue.produce()}

    # then
    assert origins == counties
    assert set(NEAREST) == counties
    assert set(NEAREST.values()) == {data.slug for data in WAREHOUSES}


def test_produce_is_numbered_once_and_priced_in_fen():
    # given
    items = catalogue.produce()
    packs = [pack for item in items for pack in item.packs]

    # when
    skus = [pack.sku for pack in packs]

    # then
    assert len(items) == 94
    assert len({item.slug for item in items}) == 94
    assert len(set(skus)) == len(skus)
    assert all(len(sku) == 10 and is_valid(sku) for sku in skus)
    assert all(pack.price == pack.price.quantize(Decimal("0.01")) and pack.price > 0 for pack in packs)
    assert all(pack.kilograms * 1000 >= pack.grams for pack in packs)


def test_tables_name_only_what_exists():
    # given
    kinds = catalogue.kind_of_category()

    # when
    used = {item.category for item in catalogue.produce()}

    # then
    assert used == set(kinds)
    for item in catalogue.produce():
        assert item.motif in MOTIFS
        assert palette(item.colour)
    for collection in catalogue.collections():
        assert [catalogue.produce_named(name).name for name in collection.produce] == list(collection.produce)


def test_the_box_of_oranges_keeps_its_number():
    # given the SKU printed in documents and used by journeys
    expected = "5002360210"

    # when
    found = catalogue.orange_box_sku()

    # then
    assert found == expected


def test_a_picture_is_the_same_every_time_and_small():
    # given
    first = produce_picture("feng-jie-qi-cheng", "citrus", "orange")

    # when
    again = produce_picture("feng-jie-qi-cheng", "citrus", "orange")

    # then
    assert first == again
    assert first[:3] == b"\xff\xd8\xff"
    assert len(first) < 150_000


def test_every_motif_can_be_drawn_as_a_banner():
    # given the motif that paints most and the one that moves its shadow twice
    for motif in ("twist", "tea"):
        # when
        picture = banner(motif, motif, "gold")

        # then
        assert picture[:3] == b"\xff\xd8\xff"


def test_nobody_is_real():
    # given, when
    people = PEOPLE

    # then
    assert all(person.email.endswith("@example.com") for person in people)
    assert all(person.phone.startswith("+861380000") for person in people if person.phone)
