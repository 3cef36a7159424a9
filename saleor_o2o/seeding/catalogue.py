"""What the example city sells: read from the tables in ``data/``, checked, and numbered."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from pypinyin import lazy_pinyin

from saleor_o2o.kernel.numbering import check_digit

from .regions import Region, region


@dataclass(frozen=True)
class Pack:
    """One way a produce is sold: label, net weight in grams, price in yuan."""

    label: str
    grams: int
    price: Decimal
    sku: str

    @property
    def kilograms(self) -> float:
        """Weight with its packing, for freight: eight per cent more, in steps of ten grams."""
        return -(-self.grams * 108 // 1000) / 100


@dataclass(frozen=True)
class Produce:
    """A kind of local produce."""

    name: str
    slug: str
    region: Region
    category: str
    motif: str
    colour: str
    badge: str
    text: str
    use: str
    life: str
    store: str
    packs: tuple[Pack, ...]

    @property
    def price(self) -> Decimal:
        """The lowest price in yuan."""
        return min(pack.price for pack in self.packs)

    @property
    def net(self) -> str:
        """The net weights on offer."""
        sizes = sorted({pack.grams for pack in self.packs})
        return "、".join(f"{size / 1000:g}千克" if size >= 1000 else f"{size}克" for size in sizes)


@dataclass(frozen=True)
class CategoryData:
    """A category of the tree; ``kind`` names the product type of what is below it."""

    slug: str
    name: str
    text: str
    motif: str
    colour: str
    kind: str
    children: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CollectionData:
    """A collection with its produce by name, in order."""

    slug: str
    name: str
    text: str
    motif: str
    colour: str
    produce: tuple[str, ...]


def slug_of(name: str) -> str:
    """`奉节脐橙 礼盒` → `feng-jie-qi-cheng-li-he`."""
    return "-".join(
        "".join(c for c in part.lower() if c.isalnum()) for part in lazy_pinyin(name) if part.strip()
    )


def sku_of(county: Region, number: int, pack: int) -> str:
    """County code, number of the produce there, number of the pack, Damm check digit: ten digits."""
    digits = f"{county.code}{number:02d}{pack}"
    return digits + check_digit(digits)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("data", name).read_text(encoding="utf-8"))


def _produce(row: dict[str, Any]) -> Produce:
    county = region(row["county"])
    packs = tuple(
        Pack(label, grams, Decimal(price), sku_of(county, row["no"], position))
        for position, (label, grams, price) in enumerate(row["packs"], start=1)
    )
    motif, colour = row["picture"]
    return Produce(
        row["name"],
        slug_of(row["name"]),
        county,
        row["category"],
        motif,
        colour,
        row["badge"],
        row["text"],
        row["use"],
        row["life"],
        row["store"],
        packs,
    )


@cache
def produce() -> tuple[Produce, ...]:
    """Every produce, in the order of the tables."""
    tables = ("fruit", "vegetables", "meat", "pantry", "snacks", "staples")
    return tuple(_produce(row) for table in tables for row in _table(f"{table}.toml")["produce"])


@cache
def produce_named(name: str) -> Produce:
    """One produce by name. Raises KeyError."""
    return {one.name: one for one in produce()}[name]


@cache
def categories() -> tuple[CategoryData, ...]:
    """The categories at the top, each with its children."""
    return tuple(
        CategoryData(**{**row, "children": tuple((slug, name) for slug, name in row["children"])})
        for row in _table("shop.toml")["category"]
    )


@cache
def collections() -> tuple[CollectionData, ...]:
    """The collections; the first is the one on the home page."""
    return tuple(
        CollectionData(**{**row, "produce": tuple(row["produce"])})
        for row in _table("shop.toml")["collection"]
    )


@cache
def kind_of_category() -> dict[str, str]:
    """The product type's slug of each child category."""
    return {slug: top.kind for top in categories() for slug, _name in top.children}


#: The box of oranges that the journeys buy.
ORANGE_BOX = "奉节脐橙 礼盒"


def orange_box_sku() -> str:
    """The SKU of the box of oranges that the journeys buy."""
    return produce_named(ORANGE_BOX).packs[0].sku
