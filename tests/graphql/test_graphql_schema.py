"""The committed schema, its drift, and that stock's schema is all there."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from graphql import build_ast_schema, parse
from saleor.graphql.api import schema as stock_schema

from saleor_o2o.graphql.printing import schema_text
from saleor_o2o.graphql.schema import schema

COMMITTED = Path(settings.PROJECT_ROOT) / "schema.graphql"


def _members(text: str) -> set[tuple[str, str]]:
    """Every field with its type, argument, enum value and union of a printed schema, each by itself."""
    found = set()
    for block in text.strip().split("\n\n"):
        head, *lines = block.split("\n")
        owner = head.split(" {")[0]
        found.add(("", owner))
        for line in lines:
            matched = re.fullmatch(r"  (\w+)\((.*)\)(: .*)", line)
            if matched is None:
                found.add((owner, line))
                continue
            found.add((owner, f"  {matched[1]}{matched[3]}"))
            arguments = re.split(r", (?=\w+: )(?![^\[{]*[\]}])", matched[2])
            found |= {(f"{owner}.{matched[1]}", argument) for argument in arguments}
    return found


def test_the_committed_schema_is_the_codes() -> None:
    # when
    out = StringIO()
    call_command("o2o_schema", "--check", stdout=out)

    # then
    assert out.getvalue() == "schema.graphql 与代码一致\n"


def test_drift_fails_and_is_shown(tmp_path: Path) -> None:
    # given
    path = tmp_path / "schema.graphql"
    path.write_text(
        COMMITTED.read_text(encoding="utf-8").replace("type Shop ", "type Store "), encoding="utf-8"
    )
    out = StringIO()

    # when
    with pytest.raises(CommandError) as raised:
        call_command("o2o_schema", "--check", path=path, stdout=out)

    # then
    assert "./o2o manage o2o_schema" in str(raised.value)
    assert "-type Store {" in out.getvalue()
    assert "+type Shop {" in out.getvalue()
    assert len(out.getvalue().splitlines()) <= 60


def test_writing_ends_the_drift(tmp_path: Path) -> None:
    # given
    path = tmp_path / "schema.graphql"

    # when
    first, second = StringIO(), StringIO()
    call_command("o2o_schema", path=path, stdout=first)
    call_command("o2o_schema", path=path, stdout=second)

    # then
    assert first.getvalue() == "schema.graphql：已更新\n"
    assert second.getvalue() == "schema.graphql：没有变化\n"
    call_command("o2o_schema", "--check", path=path, stdout=StringIO())


def test_the_text_is_a_schema_and_does_not_depend_on_order() -> None:
    # when
    text = schema_text(schema)

    # then
    again = schema_text(build_ast_schema(parse(text)))
    assert again == text


def test_nothing_of_stock_is_missing_or_narrower() -> None:
    # when
    missing = _members(schema_text(stock_schema)) - _members(schema_text(schema))

    # then
    assert missing == set()
