"""Devices and material: nothing is handed out twice, nothing falls below nought, numbers follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from plugins.channels.errors import ChannelError, ChannelErrorCode
from plugins.channels.models import (
    Channel,
    Device,
    DeviceState,
    Material,
    MaterialMovement,
    MaterialStock,
    NumberRange,
)
from plugins.channels.services import materials
from plugins.channels.services.devices import move_device
from plugins.channels.services.materials import give_back, issue, receive, use, void
from plugins.channels.services.moves import change_state
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.states import IllegalMove
from tests.orgs import small_org
from tests.threads import meeting, together
from tests.wiping import wipe

from . import shops


def ranges(channel: Channel | None = None) -> list[tuple[int, int]]:
    rows = NumberRange.objects.filter(stock__channel=channel)
    return list(rows.order_by("first").values_list("first", "last"))


def numbered() -> Material:
    return Material.objects.create(code="receipt", name="收据", measure="份", is_numbered=True)


def test_numbers_follow_the_receipts(org: dict[str, OrgUnit]) -> None:
    # given
    channel, receipt = shops.channel(org["B111"]), numbered()

    # when
    receive(receipt, org["B111"], 100, first=1001)
    assert issue(receipt, channel, 30).ranges == [[1001, 1030]]
    assert use(receipt, channel, 12).ranges == [[1001, 1012]]
    assert void(receipt, channel, 1, "打印错误").ranges == [[1013, 1013]]
    assert give_back(receipt, channel, 10).ranges == [[1021, 1030]]
    assert issue(receipt, channel, 5).ranges == [[1021, 1025]]

    # then
    assert ranges() == [(1026, 1100)]
    assert ranges(channel) == [(1014, 1025)]
    assert MaterialStock.objects.get(channel=channel).quantity == 12
    assert MaterialMovement.objects.count() == 6


def test_numbers_come_once(org: dict[str, OrgUnit]) -> None:
    # given
    receipt = numbered()
    receive(receipt, org["B111"], 100, first=1001)
    for first, quantity in ((1100, 1), (901, 101), (1050, 10)):
        # when / then
        with pytest.raises(ChannelError) as refusal:
            receive(receipt, org["B112"], quantity, first=first)
        assert refusal.value.code == ChannelErrorCode.RANGE_INVALID
    with pytest.raises(ChannelError):
        receive(receipt, org["B112"], 5)
    receive(receipt, org["B112"], 5, first=1101)
    assert ranges() == [(1001, 1100), (1101, 1105)]


@pytest.mark.parametrize("quantity", [0, -1, 11, 10**9])
def test_not_more_than_there_is(org: dict[str, OrgUnit], quantity: int) -> None:
    # given
    channel, paper = shops.channel(org["B111"]), Material.objects.create(code="paper", name="票纸")
    receive(paper, org["B111"], 10)

    # when / then
    with pytest.raises(ChannelError) as refusal:
        issue(paper, channel, quantity)
    assert refusal.value.code == (ChannelErrorCode.NOT_ENOUGH if quantity == 11 else ChannelErrorCode.INVALID)
    assert MaterialStock.objects.get(channel=None).quantity == 10


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["issue", "use", "give_back", "void"]), st.integers(1, 40)), max_size=12
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_keeps_every_number_in_one_place(
    org: dict[str, OrgUnit], steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        # given
        channel, receipt = shops.channel(org["B111"]), numbered()
        receive(receipt, org["B111"], 50, first=1)
        gone: list[int] = []

        # when
        for name, quantity in steps:
            arguments = (receipt, channel, quantity, "因由")
            try:
                movement = getattr(materials, name)(*arguments)
            except ChannelError as error:
                assert error.code == ChannelErrorCode.NOT_ENOUGH
                continue
            if name in ("use", "void"):
                gone += [n for first, last in movement.ranges for n in range(first, last + 1)]

        # then
        kept = [
            n
            for pair in NumberRange.objects.values_list("first", "last")
            for n in range(pair[0], pair[1] + 1)
        ]
        assert sorted(kept + gone) == list(range(1, 51))
        assert sum(MaterialStock.objects.values_list("quantity", flat=True)) == len(kept)
        transaction.set_rollback(True)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, OrgUnit]]:
    """Units whose rows other connections see."""
    with django_db_blocker.unblock():
        wipe()
        yield small_org()
        wipe()


def rush(units: dict[str, OrgUnit]) -> list[Any]:
    """Twelve channels want a roll each of eight."""
    paper = Material.objects.create(code="paper", name="票纸")
    receive(paper, units["B111"], 8)
    takers = [shops.channel(units["B111"]) for _ in range(12)]
    return together(*[lambda c=c: issue(paper, c, 1) for c in takers])


def test_twelve_channels_share_eight_rolls(committed: dict[str, OrgUnit], settings: Any) -> None:
    # when
    settings.O2O_LOCK_TIMEOUT = 60
    answers = rush(committed)

    # then
    refused = [one for one in answers if isinstance(one, ChannelError)]
    assert [one.code for one in refused] == [ChannelErrorCode.NOT_ENOUGH] * 4
    assert sum(isinstance(one, MaterialMovement) for one in answers) == 8
    assert MaterialStock.objects.get(channel=None).quantity == 0
    assert MaterialStock.objects.filter(channel__isnull=False, quantity=1).count() == 8


def test_without_the_lock_rolls_multiply(
    committed: dict[str, OrgUnit], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: all have read, without a lock, before anybody writes
    settings.O2O_LOCK_TIMEOUT, meet = 60, meeting(12)

    def unlocked(rows: Any) -> list[Any]:
        found = list(rows.order_by("pk"))
        if len(found) == 2:  # an issue's two stocks; receiving takes one
            meet()
        return found

    monkeypatch.setattr(materials, "lock_rows", unlocked)

    # when
    answers = rush(committed)

    # then: more was issued than there was
    assert sum(isinstance(one, MaterialMovement) for one in answers) > 8


def test_the_table_itself_refuses_less_than_nothing(org: dict[str, OrgUnit]) -> None:
    # given
    from django.db import IntegrityError

    receive(Material.objects.create(code="paper", name="票纸"), org["B111"], 1)

    # when / then
    with pytest.raises(IntegrityError), transaction.atomic():
        MaterialStock.objects.update(quantity=-1)
    assert connection.is_usable()


def test_a_device_is_in_one_place(org: dict[str, OrgUnit]) -> None:
    # given
    printer = Device.objects.create(serial="PR-1", kind="printer", unit=org["B111"])
    channel, abroad = shops.channel(org["O1111"]), shops.channel(org["B121"])

    # when / then
    for wrong, code in ((None, "REQUIRED"), (abroad, "INVALID")):
        with pytest.raises(ChannelError) as refusal:
            move_device(printer, "hand_out", channel=wrong)
        assert refusal.value.code == code
    move_device(printer, "hand_out", channel=channel)
    with pytest.raises(IllegalMove):
        move_device(printer, "hand_out", channel=channel)
    with pytest.raises(ChannelError) as refusal:
        change_state(channel, "leave", reason="停业")
    assert "未收回设备 1" in refusal.value.message
    move_device(printer, "send_to_repair", reason="卡纸")
    assert Device.objects.get().channel is None
    move_device(printer, "scrap")
    assert Device.objects.get().state == DeviceState.SCRAPPED
    with pytest.raises(IllegalMove):
        move_device(printer, "mend")
