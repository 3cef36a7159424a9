"""The pages' operations against the committed schema: whoever narrows it learns here whom it hurts."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_ast_schema, parse, validate
from graphql.language.ast import Document

from saleor_o2o.embedded.paths import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "h5" / "src" / "api" / "operations"
FILES = sorted(path.name for path in FOLDER.glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> object:
    text = (PROJECT_ROOT / "schema.graphql").read_text(encoding="utf-8")
    return build_ast_schema(parse(text))


def test_there_are_operations() -> None:
    # then
    assert len(FILES) >= 6


@pytest.mark.parametrize("name", FILES)
def test_operations_fit_the_schema(schema: object, name: str) -> None:
    # given
    document: Document = parse(Path(FOLDER, name).read_text(encoding="utf-8"))

    # when
    wrong = validate(schema, document)

    # then
    assert [str(error) for error in wrong] == []


def test_a_field_that_is_gone_is_found(schema: object) -> None:
    # when
    wrong = validate(schema, parse("{ shop { name noSuchField } }"))

    # then
    assert len(wrong) == 1
