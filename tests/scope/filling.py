"""Fills in the arguments of any operation with what belongs to another county, and asks for everything it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql.type.definition import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
)

#: How deep an answer is asked for; the plugins' types are not deeper.
DEPTH = 4
PLAIN = {"Int": 10, "Float": 106.5, "Boolean": True, "Date": "2026-01-01", "DateTime": "2026-01-01T00:00:00Z"}
PLAIN |= {"Decimal": "1.00", "GenericScalar": {}, "JSONString": "{}", "UUID": None}
#: The variable that stands for the one file an operation is sent with.
FILE = "$file"


class Unknown(LookupError):
    """An argument for which the table has nothing: whoever adds it says what a stranger would put there."""


def arguments(field: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """Values for all arguments of a field. Raises Unknown for a text or an id that `known` has no value for."""
    return {name: _value(name, argument.type, known, 0) for name, argument in field.args.items()}


def _value(name: str, kind: Any, known: Mapping[str, Any], depth: int) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(name, kind.of_type, known, depth)
    if isinstance(kind, GraphQLList):
        one = _value(name, kind.of_type, known, depth)
        return [] if one is None else [one]
    if isinstance(kind, GraphQLEnumType):
        names = [one.name for one in kind.values]
        return known[name] if known.get(name) in names else names[0]
    if isinstance(kind, GraphQLInputObjectType):
        if depth > DEPTH:
            return {}
        return {key: _value(key, inner.type, known, depth + 1) for key, inner in kind.fields.items()}
    if kind.name == "Upload":
        return FILE
    if name in known:
        return known[name]
    if isinstance(kind, GraphQLScalarType) and kind.name in PLAIN:
        return PLAIN[kind.name]
    raise Unknown(f"{name}: {kind}")


def selection(kind: Any, known: Mapping[str, Any], above: tuple[str, ...] = ()) -> str:
    """Everything that a type has to say, with arguments where it needs some; a type within itself once."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return "" if isinstance(named, GraphQLEnumType | GraphQLScalarType) else "{ __typename }"
    parts = ["__typename"]
    for name, field in named.fields.items():
        needs = {key: one for key, one in field.args.items() if isinstance(one.type, GraphQLNonNull)}
        path = (*above, named.name)
        deeper = len(above) < DEPTH and path.count(get_named_type(field.type).name) < 2
        inner = selection(field.type, known, path) if deeper else ""
        if not inner and isinstance(get_named_type(field.type), GraphQLObjectType):
            continue
        given = ", ".join(
            f"{key}: {literal(_value(key, one.type, known, 0), one.type)}" for key, one in needs.items()
        )
        parts.append(f"{name}{f'({given})' if given else ''} {inner}")
    return "{ " + " ".join(parts) + " }"


def literal(value: Any, kind: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(kind, GraphQLNonNull):
        return literal(value, kind.of_type)
    if isinstance(kind, GraphQLList):
        return "[" + ", ".join(literal(one, kind.of_type) for one in value) + "]"
    if isinstance(kind, GraphQLInputObjectType):
        return (
            "{"
            + ", ".join(
                f"{key}: {literal(value[key], kind.fields[key].type)}"
                for key in value
                if value[key] is not None
            )
            + "}"
        )
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if value == FILE:
        return FILE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{}"
    return '"' + str(value).replace('"', '\\"') + '"'


def document(operation: str, name: str, field: Any, known: Mapping[str, Any]) -> str:
    """One operation with everything filled in; where it takes files, all are the variable :data:`FILE`."""
    given = arguments(field, known)
    told = ", ".join(
        f"{key}: {literal(value, field.args[key].type)}" for key, value in given.items() if value is not None
    )
    told_file = f"({FILE}: Upload!)" if FILE in told else ""
    return f"{operation}{told_file} {{ {name}{f'({told})' if told else ''} {selection(field.type, known)} }}"


def own_fields(root: Any, stock: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The fields at the root that are not stock's."""
    for name, field in root.fields.items():
        if name not in stock:
            yield name, field
