"""The schema as text, the same whatever order plugins and modules were imported in."""

from __future__ import annotations

import re
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

from graphql.utils.schema_printer import print_schema

#: Lines of a difference that are shown.
MOST_LINES = 60


def schema_text(schema: Any) -> str:
    """Print a schema with its types, fields, values, arguments, interfaces and members in alphabetical order."""
    blocks = [_sorted_block(block) for block in print_schema(schema).strip().split("\n\n")]
    return "\n\n".join(sorted(blocks, key=_name)) + "\n"


def _name(block: str) -> tuple[int, str]:
    kind, _space, rest = block.partition(" ")
    return (0 if kind == "schema" else 1, rest.split("(")[0].split(" ")[0].lstrip("@"))


def _sorted_block(block: str) -> str:
    head, brace, body = block.partition(" {\n")
    if head.startswith("union "):
        name, _equals, members = head.partition(" = ")
        return f"{name} = " + " | ".join(sorted(members.split(" | ")))
    if " implements " in head:
        name, _word, interfaces = head.partition(" implements ")
        head = f"{name} implements " + ", ".join(sorted(interfaces.split(", ")))
    if not brace or head == "schema":
        return head + brace + body
    lines = sorted(_sorted_arguments(line) for line in body.removesuffix("\n}").split("\n"))
    return head + brace + "\n".join(lines) + "\n}"


def _sorted_arguments(line: str) -> str:
    # "  field(a: Int, b: [ID] = [x, y]): Type": commas within a default value's brackets belong to it
    matched = re.fullmatch(r"(\s*\w+)\((.*)\)(: .*)", line)
    if matched is None:
        return line
    arguments = re.split(r", (?=\w+: )(?![^\[{]*[\]}])", matched[2])
    return f"{matched[1]}({', '.join(sorted(arguments))}){matched[3]}"


def drift(path: Path, text: str) -> list[str]:
    """The first lines of the difference between a committed file and the schema as built; empty if there is none."""
    committed = path.read_text(encoding="utf-8") if path.is_file() else ""
    difference = unified_diff(
        committed.splitlines(),
        text.splitlines(),
        f"{path.name}（已提交）",
        f"{path.name}（当前代码）",
        n=2,
        lineterm="",
    )
    return list(islice(difference, MOST_LINES))
