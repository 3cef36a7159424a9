"""Drives a stock field with a document written from the schema, so that every resolver of the answer runs too."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
)

#: Arguments given to fields inside an answer; a field that needs others is left out.
INNER_ARGUMENTS = {
    "translation": "languageCode: ZH_HANS",
    "thumbnail": "size: 255",
    "backgroundImage": "size: 255",
    "avatar": "size: 445",
    "revenue": "period: THIS_MONTH",
}
#: Fields that cannot be asked for without an argument the schema calls optional.
SKIPPED = {("Product", "imageById")}
#: Fields that stock refuses to everybody but the owner.
SKIPPED |= {("User", "storedPaymentSources")}
#: The address of a payment is no row: it has no ID, though the schema says it must.
SKIPPED |= {("Payment", "billingAddress")}


def named(kind: Any) -> Any:
    """The type inside lists and non-nulls."""
    while isinstance(kind, GraphQLList | GraphQLNonNull):
        kind = kind.of_type
    return kind


def selection(kind: Any, depth: int, prefix: str = "") -> str:
    """Every field of a type, down to ``depth`` further objects; empty where nothing can be asked."""
    kind = named(kind)
    if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
        return ""
    if isinstance(kind, GraphQLUnionType):
        parts = [f"... on {member} {selection(member, depth, f'{member}_')}" for member in kind.types]
        return "{ __typename " + " ".join(parts) + " }"
    fields = [
        text
        for name, field in kind.fields.items()
        if (text := _field(kind, name, field, depth, prefix)) is not None
    ]
    return "{ __typename " + " ".join(fields) + " }"


def _field(kind: Any, name: str, field: Any, depth: int, prefix: str) -> str | None:
    if (kind.name, name) in SKIPPED:
        return None
    arguments = INNER_ARGUMENTS.get(name, "") if field.args else ""
    if field.args and "first" in field.args:
        arguments = "first: 1"
    needed = [key for key, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull)]
    if any(key not in arguments for key in needed):
        return None
    inner = named(field.type)
    alias = f"{prefix}{name}: " if prefix else ""
    call = f"{alias}{name}({arguments})" if arguments else f"{alias}{name}"
    if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
        return call
    if not isinstance(inner, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return None
    structural = inner.name.endswith(("Connection", "Edge", "PageInfo"))
    if depth <= 0 and not structural:
        return None
    if depth <= 0 and inner.name.endswith("Connection"):
        return f"{call} {{ totalCount }}" if "totalCount" in inner.fields else None
    return f"{call} {selection(inner, depth if structural else depth - 1)}"


class Api:
    """One caller of the HTTP view; ``token`` is a JWT, ``app`` an app's token, neither means anonymous."""

    def __init__(self, schema: Any, token: str | None = None, app: str | None = None) -> None:
        self.schema = schema
        self.client = Client()
        self.headers = {"authorization": f"JWT {token}"} if token else {}
        if app:
            self.headers = {"authorization": f"Bearer {app}"}

    def post(self, document: str, variables: dict[str, Any] | None = None, status: int = 200) -> Any:
        """Send a document as JSON and hand back the decoded answer."""
        response = self.client.post(
            "/graphql/",
            json.dumps({"query": document, "variables": variables or {}}, default=str),
            content_type="application/json",
            headers=self.headers,
        )
        assert response.status_code == status, response.content
        return response.json()

    def upload(self, document: str, variables: dict[str, Any], path: str, file: SimpleUploadedFile) -> Any:
        """Send a document as multipart; ``path`` says which variable is the file."""
        response = self.client.post(
            "/graphql/",
            {
                "operations": json.dumps({"query": document, "variables": variables}),
                "map": json.dumps({"0": [f"variables.{path}"]}),
                "0": file,
            },
            headers=self.headers,
        )
        assert response.status_code == 200, response.content
        return response.json()

    def document(self, operation: str, name: str, given: list[str], depth: int) -> str:
        """The text of one operation with one field, its arguments as variables."""
        root = self.schema.get_query_type() if operation == "query" else self.schema.get_mutation_type()
        field = root.fields[name]
        types = {key: str(field.args[key].type) for key in given}
        declared = ", ".join(f"${key}: {kind}" for key, kind in types.items())
        passed = ", ".join(f"{key}: ${key}" for key in types)
        heads = f"({declared})" if declared else ""
        call = f"{name}({passed})" if passed else name
        return f"{operation}{heads} {{ {call} {selection(field.type, depth)} }}"

    def call(self, operation: str, name: str, depth: int, arguments: dict[str, Any]) -> Any:
        """The answer of one field; fails on any top-level error."""
        answer = self.post(self.document(operation, name, list(arguments), depth), arguments)
        assert "errors" not in answer, (name, answer["errors"])
        return answer["data"][name]

    def query(self, name: str, depth: int = 2, **arguments: Any) -> Any:
        """Ask a query field for all it has."""
        return self.call("query", name, depth, arguments)

    def mutate(self, name: str, **arguments: Any) -> Any:
        """Run a mutation that must succeed and hand back its payload."""
        depth = 1 if "elete" in name else 2  # what hangs on a deleted row is gone
        payload = self.call("mutation", name, depth, arguments)
        assert payload.get("errors", []) == [], (name, payload["errors"])
        return payload

    def refused(self, name: str, **arguments: Any) -> list[tuple[str | None, str | None]]:
        """Run a mutation that must answer with errors; hand back their fields and codes."""
        payload = self.call("mutation", name, 1, arguments)
        assert payload["errors"], (name, payload)
        typed = [key for key in payload if key.endswith("Errors") and payload[key]]
        if not typed:
            return [(error["field"], None) for error in payload["errors"]]
        return [(error["field"], error["code"]) for error in payload[typed[0]]]

    def denied(self, name: str, **arguments: Any) -> None:
        """Run a mutation or query that must be refused for lack of permission."""
        operation = "mutation" if name in self.schema.get_mutation_type().fields else "query"
        answer = self.post(self.document(operation, name, list(arguments), 0), arguments)
        codes = [error["extensions"]["exception"]["code"] for error in answer["errors"]]
        assert codes == ["PermissionDenied"], (name, answer)
