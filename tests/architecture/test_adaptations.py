"""Every adaptation of stock Saleor says why it is there and is named by a test."""

from __future__ import annotations

import re

from saleor_o2o.compat import Stage, adaptations

from .sources import ROOT, tracked_files


def test_every_adaptation_has_a_reason() -> None:
    # then
    assert [item.name for item in adaptations() if len(item.reason) < 20] == []


def test_every_adaptation_has_run() -> None:
    # then
    assert [item.name for item in adaptations() if not item.applied] == []
    assert {item.stage for item in adaptations()} == {Stage.SETTINGS, Stage.APPS}


def test_every_adaptation_is_named_by_a_test() -> None:
    # given
    texts = [
        (ROOT / path).read_text(encoding="utf-8")
        for path in tracked_files()
        if path.parts[0] == "tests" and path.suffix == ".py" and "architecture" not in path.parts
    ]

    # then
    words = set(re.findall(r"\w+", "\n".join(texts)))
    named = {item.name for item in adaptations() if any(item.name in word for word in words)}
    assert sorted(item.name for item in adaptations() if item.name not in named) == []


def test_stock_is_not_copied() -> None:
    # then: the wheel is installed, never part of the project
    assert [str(path) for path in tracked_files() if path.parts[0] == "saleor"] == []
