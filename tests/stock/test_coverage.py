"""Every query and mutation of stock's schema is driven by the tests of this folder."""

from __future__ import annotations

import re
from pathlib import Path

import saleor
from graphql import build_ast_schema, parse

HERE = Path(__file__).parent
STOCK = Path(saleor.__file__).parent / "graphql" / "schema.graphql"


def driven() -> set[str]:
    """Every word in the tests' strings that could name a field."""
    words: set[str] = set()
    for path in HERE.glob("test_*.py"):
        if path != Path(__file__):
            words |= set(re.findall(r"[A-Za-z_]+", path.read_text()))
    # names put together from parts
    for prefix in (
        "attribute",
        "category",
        "checkout",
        "collection",
        "product",
        "productType",
        "productVariant",
    ):
        words |= {
            f"{prefix}{verb}{kind}"
            for verb in ("Update", "Clear")
            for kind in ("Metadata", "PrivateMetadata")
        }
    words |= {f"user{verb}{kind}" for verb in ("Update", "Clear") for kind in ("Metadata", "PrivateMetadata")}
    words |= {
        f"orderFulfillment{verb}{kind}" for verb in ("Update", "Clear") for kind in ("Meta", "PrivateMeta")
    }
    words |= {
        f"{kind}{verb}" for kind in ("app", "serviceAccount") for verb in ("Create", "Update", "Delete")
    }
    words |= {f"{kind}Token{verb}" for kind in ("app", "serviceAccount") for verb in ("Create", "Delete")}
    return words


def test_every_field_of_stock_is_driven() -> None:
    # given stock's own schema, as the wheel ships it
    stock = build_ast_schema(parse(STOCK.read_text().replace(" & ", ", ")))
    fields = {*stock.get_query_type().fields, *stock.get_mutation_type().fields}
    # when / then
    assert len(stock.get_mutation_type().fields) > 200
    assert sorted(fields - driven()) == []
