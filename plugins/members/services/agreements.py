"""The words of the members' agreement: one file for each version, beside this plugin."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

AGREEMENTS = Path(__file__).parent.parent / "agreements"
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,30}")


@cache
def agreement_text(version: str) -> str:
    """The words of a version of the agreement, headings marked as in Markdown; empty where there are none.

    Versions are files beside this plugin, written once: who agreed to one must be able to read it later.
    """
    if not VERSION.fullmatch(version):
        return ""
    try:
        return (AGREEMENTS / f"{version}.zh.md").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
