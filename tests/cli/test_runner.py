"""Journeys one after the other; what stands apart beside them, told at the end."""

from __future__ import annotations

from threading import Event

import pytest

from saleor_o2o.journeys import runner
from saleor_o2o.journeys.world import World
from saleor_o2o.plugin import JourneySpec

NOBODY = "http://127.0.0.1:9"
HERE = "tests.cli.test_runner."
began, ended = Event(), Event()


def first(world: World) -> None:
    # goes on only once what stands apart has begun, and before that ends
    assert began.wait(10)
    world.step("first")
    assert not ended.is_set()


def second(world: World) -> None:
    world.step("second")
    ended.set()
    raise AssertionError("as told")


def apart(world: World) -> None:
    began.set()
    assert ended.wait(10)
    world.step("apart")


def test_what_stands_apart_is_played_beside_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    known = {
        "a": JourneySpec(f"{HERE}apart", "A", apart=True),
        "1": JourneySpec(f"{HERE}first", "F"),
        "2": JourneySpec(f"{HERE}second", "S"),
    }
    monkeypatch.setattr(runner, "journeys", lambda _active: known)

    # when
    code = runner.main(list(known), NOBODY, NOBODY)

    # then
    told = capsys.readouterr().out.split("\n")
    assert code == 1
    assert [line for line in told if line[:1] == "▶"] == ["▶ 1：F", "▶ 2：S", "▶ a：A"]
    assert [line.strip() for line in told if ". " in line and "秒" not in line] == [
        "1. first", "1. second", "1. apart"
    ]  # fmt: skip
    assert "  ✘ AssertionError: as told" in told
    assert told[-2] == "2 passed, 1 failed"
