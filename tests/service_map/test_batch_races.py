"""Two workers at one batch, a worker that dies, one that wakes up late, and a person in between."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from plugins.org_hierarchy.models import OrgUnit
from plugins.service_map.kinds import BatchState, RowState
from plugins.service_map.models import Community, GeocodeBatch, GeocodeRow
from plugins.service_map.ports import Located
from plugins.service_map.services import geocoding
from plugins.service_map.services.geocoding import STUCK, place_row, waiting_batches, work_on
from saleor_o2o.kernel.clock import now

from ..threads import together
from .map_support import mapped_org

ROWS = 12


class Died(BaseException):
    """What a killed worker feels."""


def batch_of(org: dict[str, OrgUnit], rows: int = ROWS) -> GeocodeBatch:
    from ..orgs import person

    batch = GeocodeBatch.objects.create(
        title="小区", unit=org["C11"], made_by=person(org["C11"], "maker", [])
    )
    GeocodeRow.objects.bulk_create(
        GeocodeRow(batch=batch, line=line, name=f"小区 {line} 号", address=f"中山路 {line} 号")
        for line in range(1, rows + 1)
    )
    return batch


def located(address: str) -> Located:
    number = int(address.split()[1])
    return Located(106.55 + number / 10_000, 29.55, "门牌号", 0.95, address, "渝中区", "500103")


def states(batch: GeocodeBatch) -> list[str]:
    return list(GeocodeRow.objects.filter(batch=batch).order_by("line").values_list("state", flat=True))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "negative control"])
@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_each_row_once(monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    # given
    batch = batch_of(mapped_org())
    asked: list[str] = []
    both = Barrier(2)

    def locate(address: str, _district: str = "", **_options: Any) -> Located:
        asked.append(address)
        if len(asked) == 1 or not locked:
            try:
                both.wait(1.0)  # the other worker has time to come in between
            except BrokenBarrierError:
                both.reset()
        return located(address)

    monkeypatch.setattr(geocoding, "locate", locate)
    if not locked:
        monkeypatch.setattr(geocoding, "_take", lambda pk: geocoding._Run(pk, now()))
        monkeypatch.setattr(geocoding._Run, "_write", lambda *_a, **_v: True)

    # when
    together(partial(work_on, batch.pk, 0), partial(work_on, batch.pk, 0))

    # then
    if not locked:
        assert len(asked) > ROWS
        return
    assert sorted(asked) == sorted(f"中山路 {line} 号" for line in range(1, ROWS + 1))
    batch.refresh_from_db()
    assert (batch.state, set(states(batch)), Community.objects.count()) == (BatchState.DONE, {"found"}, ROWS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies", ["asking", "storing"])
def test_another_worker_takes_over_from_a_dead_one(monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    # given: the worker is killed at the fourth row, while asking or after the community was made
    batch = batch_of(mapped_org())
    asked: list[str] = []
    alive = False

    def locate(address: str, _district: str = "", **_options: Any) -> Located:
        asked.append(address)
        if dies == "asking" and not alive and len(asked) == 4:
            raise Died
        return located(address)

    saved = GeocodeRow.save

    def save(row: GeocodeRow, *given: Any, **options: Any) -> None:
        if dies == "storing" and not alive and row.line == 4:
            raise Died
        saved(row, *given, **options)

    monkeypatch.setattr(geocoding, "locate", locate)
    monkeypatch.setattr(GeocodeRow, "save", save)
    with pytest.raises(Died):
        work_on(batch.pk, 0)
    assert states(batch)[:5] == ["found", "found", "found", "waiting", "waiting"]
    alive = True

    # then: not before the dead worker's time is over
    assert work_on(batch.pk, 0) is False
    assert waiting_batches() == []
    GeocodeBatch.objects.update(touched_at=now() - STUCK - timedelta(seconds=1))
    assert waiting_batches() == [batch.pk]

    # when
    work_on(batch.pk, 0)

    # then: one question was lost, no community is there twice, nothing is left in doubt
    assert (len(asked), set(states(batch)), Community.objects.count()) == (ROWS + 1, {"found"}, ROWS)


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: at the third question the worker sleeps so long that another one finishes the batch
    batch = batch_of(mapped_org())
    asked: list[str] = []

    def locate(address: str, _district: str = "", **_options: Any) -> Located:
        asked.append(address)
        if len(asked) == 3:
            GeocodeBatch.objects.update(touched_at=now() - STUCK - timedelta(seconds=1))
            work_on(batch.pk, 0)
        return located(address)

    monkeypatch.setattr(geocoding, "locate", locate)

    # when
    assert work_on(batch.pk, 0) is False

    # then: only the question that it slept over was put twice, and its answer came to nothing
    batch.refresh_from_db()
    assert len(asked) == ROWS + 1
    assert (batch.state, set(states(batch)), Community.objects.count()) == (BatchState.DONE, {"found"}, ROWS)
    assert GeocodeRow.objects.get(batch=batch, line=3).tries == 1


@pytest.mark.django_db
def test_what_a_person_placed_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: while the provider is asked for the first row, a person places the first and the second
    org = mapped_org()
    batch = batch_of(org, rows=3)
    asked: list[str] = []

    def locate(address: str, _district: str = "", **_options: Any) -> Located:
        asked.append(address)
        if len(asked) == 1:
            for row in GeocodeRow.objects.filter(batch=batch, line__lte=2):
                place_row(row, 106.65, 29.55, by=None)
        return located(address)

    monkeypatch.setattr(geocoding, "locate", locate)

    # when
    work_on(batch.pk, 0)

    # then
    assert asked == ["中山路 1 号", "中山路 3 号"]
    assert states(batch) == [RowState.CORRECTED, RowState.CORRECTED, RowState.FOUND]
    assert [one.unit for one in Community.objects.order_by("name")[:2]] == [org["B112"], org["B112"]]
