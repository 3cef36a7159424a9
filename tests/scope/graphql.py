"""Asks the API as somebody and reads ids out of the answers."""

from __future__ import annotations

import json
from typing import Any

import graphene
from django.core.files.base import File
from django.test import Client
from graphql_jwt.shortcuts import get_token
from saleor.account.models import User


def gid(kind: str, row: Any) -> str:
    """The global ID of a row."""
    return str(graphene.Node.to_global_id(kind, getattr(row, "pk", row)))


def post(user: User | None, document: str, file: File[bytes] | None = None, **variables: Any) -> Any:
    """The decoded answer, whatever it says; a `file` goes along where the document has a variable `$file`."""
    headers = {"authorization": f"JWT {get_token(user)}"} if user is not None else {}
    if file is not None and "$file" in document:
        operations = json.dumps({"query": document, "variables": {**variables, "file": None}}, default=str)
        form = {"operations": operations, "map": json.dumps({"0": ["variables.file"]}), "0": file}
        return Client().post("/graphql/", form, headers=headers).json()
    response = Client().post(
        "/graphql/",
        json.dumps({"query": document, "variables": variables}, default=str),
        content_type="application/json",
        headers=headers,
    )
    return response.json()


def asked(user: User | None, document: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    answer = post(user, document, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def codes(answer: Any) -> list[str]:
    """The codes of top-level errors."""
    return [error["extensions"]["exception"]["code"] for error in answer.get("errors", [])]


def ids(connection: Any) -> set[str]:
    """The ids of a connection's nodes."""
    return {edge["node"]["id"] for edge in connection["edges"]}
