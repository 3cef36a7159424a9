"""Sweeps: trouble with one row keeps no other waiting."""

from __future__ import annotations

import logging

import pytest

from saleor_o2o.kernel.locks import LockTimeout
from saleor_o2o.kernel.sweeping import drive_each, sum_each


def drive(key: int) -> int:
    if key == 2:
        raise LockTimeout
    if key == 3:
        raise ZeroDivisionError
    return 10 * key


def test_the_others_go_and_what_failed_is_logged_by_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "saleor_o2o.kernel.sweeping"):
        told = sum_each([1, 2, 3, 4], drive)
    assert told == 50
    assert [(one.levelno, one.args[:2], one.exc_info is None or not one.exc_info) for one in caplog.records] == [
        (logging.WARNING, ("drive", 2), True), (logging.ERROR, ("drive", 3), False),
    ]  # fmt: skip


def test_how_many_went_whatever_they_answer() -> None:
    assert drive_each(iter([1, 2, 3, 4]), drive) == 2
    assert drive_each([], drive) == 0
