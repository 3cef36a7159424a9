"""Texts as stock Saleor keeps them: plain, and as Draft.js blocks for the dashboard and the storefront."""

from __future__ import annotations

from typing import Any

Block = tuple[str, str]


def draft(blocks: list[Block]) -> dict[str, Any]:
    """Draft.js content of (type, text) pairs; a type is ``unstyled``, ``unordered-list-item`` and the like."""
    return {
        "blocks": [
            {
                "key": f"b{position:04d}",
                "text": text,
                "type": kind,
                "depth": 0,
                "inlineStyleRanges": [],
                "entityRanges": [],
                "data": {},
            }
            for position, (kind, text) in enumerate(blocks)
        ],
        "entityMap": {},
    }


def plain(blocks: list[Block]) -> str:
    """The same text without form, a line per block."""
    return "\n".join(text for _kind, text in blocks)
