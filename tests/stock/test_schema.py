"""The composed schema contains stock's, as the wheel ships it, unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import saleor
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_ast_schema,
    parse,
)

STOCK = Path(saleor.__file__).parent / "graphql" / "schema.graphql"

#: Country codes come from django-countries, whose list is newer than 2020's.
NEWER = {"CountryCode"}


def parts(kind: Any) -> dict[str, str]:
    """The fields (with their arguments) or values of a type, as text."""
    if isinstance(kind, GraphQLEnumType):
        return {value.name: value.name for value in kind.values}
    if isinstance(kind, GraphQLInputObjectType):
        return {name: str(field.type) for name, field in kind.fields.items()}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return {
            name: f"{field.type} "
            + ", ".join(f"{key}: {arg.type}" for key, arg in sorted(field.args.items()))
            for name, field in kind.fields.items()
        }
    return {}


def test_stock_schema_is_contained_unchanged(schema: Any) -> None:
    # given
    stock = build_ast_schema(parse(STOCK.read_text().replace(" & ", ", ")))
    ours = schema.get_type_map()
    # when
    differences = []
    for name, kind in stock.get_type_map().items():
        if name.startswith("__"):
            continue
        if name not in ours:
            differences.append(f"{name} is gone")
            continue
        there, here = parts(kind), parts(ours[name])
        for part, text in there.items():
            if part not in here and name not in NEWER:
                differences.append(f"{name}.{part} is gone")
            elif part in here and not _still(here[part], text):
                differences.append(f"{name}.{part}: {text} → {here[part]}")
    # then
    assert differences == []


def _still(here: str, there: str) -> bool:
    """The same type and at least the same arguments; a new optional argument is welcome."""
    kind, arguments = here.split(" ", 1) if " " in here else (here, "")
    old_kind, old_arguments = there.split(" ", 1) if " " in there else (there, "")
    added = set(arguments.split(", ")) - set(old_arguments.split(", "))
    lost = set(old_arguments.split(", ")) - set(arguments.split(", "))
    return kind == old_kind and not (lost - {""}) and not any(text.endswith("!") for text in added)


def test_token_types_have_nothing_more_than_stock(schema: Any) -> None:
    types = schema.get_type_map()
    assert set(types["CreateToken"].fields) == {"token", "errors", "accountErrors", "user"}
    assert set(types["SetPassword"].fields) == {"token", "errors", "accountErrors", "user"}
    assert set(types["RefreshToken"].fields) == {"token", "payload"}
    assert set(types["VerifyToken"].fields) == {"payload", "user"}


def test_json_columns_are_json_strings(schema: Any) -> None:
    types = schema.get_type_map()
    assert str(types["Transaction"].fields["gatewayResponse"].type) == "JSONString!"
    assert str(types["Product"].fields["descriptionJson"].type) == "JSONString!"
    assert str(types["Page"].fields["contentJson"].type) == "JSONString!"
