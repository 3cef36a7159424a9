"""Batches of addresses: handed in, looked up in the background, checked by people."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Datum, OrgUnit, check_position
from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import OutOfScope

from .. import breaker
from ..errors import MapError, MapErrorCode
from ..kinds import BatchState, RowState
from ..lookup import locate, remember
from ..models import Community, GeocodeBatch, GeocodeRow
from ..ports import Located, NotConfigured, ProviderDown, ProviderLimit
from .communities import write_community
from .rights import Actor, name_of, require_at, require_on
from .texts import names_of, tidy

SUBMITTED = action("service_map.batch.submitted", _("提交批量定位"))
PLACED = action("service_map.batch.row_placed", _("人工定位"))

MAX_ROWS = 2000
#: What the parts of a row are called in front of people.
LABELS = {"name": _("名称"), "address": _("地址"), "district": _("区县"), "aliases": _("别名")}
#: Answers that are at least this sure need no second look.
SURE = 0.8
#: Seconds between two questions: half of what the provider lets a key ask.
PACE = 0.05
#: Rows worked on in one go of the task; the rest is another go.
GO = 200
#: A run that has not moved for so long is taken up by another worker.
STUCK = timedelta(minutes=10)
MAX_TRIES = 3


def submit(title: str, unit: OrgUnit, rows: Iterable[Mapping[str, Any]], *, by: Any) -> GeocodeBatch:
    """Store a batch of communities by name and address; the task starts after the commit.

    A row may say where it stood in its file (`line`). Nothing is stored when a row is wrong: the error names its line
    and its column. Raises NotAllowed, OutOfScope, MapError.
    """
    from ..tasks import work_on_batch

    require_at(by, "map.geocode", unit, GeocodeBatch)
    made = [_row(values.get("line") or place, values) for place, values in enumerate(rows, start=1)]
    if not made:
        raise MapError(MapErrorCode.REQUIRED, _("没有可以定位的行"), field="rows")
    if len(made) > MAX_ROWS:
        raise MapError(MapErrorCode.TOO_MANY, _("一次最多 %(most)s 行") % {"most": MAX_ROWS}, field="rows")
    with transaction.atomic():
        batch = GeocodeBatch.objects.create(
            title=tidy(title, "title", 80, required=True), unit=unit, made_by=by
        )
        for row in made:
            row.batch = batch
        GeocodeRow.objects.bulk_create(made, batch_size=500)
        record(SUBMITTED, batch, after={"rows": len(made)}, actor=name_of(by), org_path=unit.path)
        transaction.on_commit(lambda: work_on_batch.delay(batch.pk))
    return batch


def _row(line: int, values: Mapping[str, Any]) -> GeocodeRow:
    try:
        return GeocodeRow(
            line=line,
            name=tidy(values.get("name"), "name", 80, required=True),
            address=tidy(values.get("address"), "address", 200, required=True),
            district=tidy(values.get("district"), "district", 40),
            aliases="、".join(names_of(values.get("aliases"))),
        )
    except MapError as error:
        raise MapError(
            MapErrorCode.INVALID,
            _("第 %(line)s 行“%(column)s”：%(problem)s")
            % {"line": line, "column": LABELS.get(error.field or "", ""), "problem": error.message},
            field="rows",
        ) from None


def work_on(batch_pk: int, pace: float = PACE) -> bool:
    """Look up the next rows of a batch; True when there are more.

    Each answer is stored at once, with the community that it makes, so that a run that dies loses one question at
    most. Before each question the run makes sure that the batch is still its own: one that was taken for dead and
    wakes up again stops. Where the provider is down or its quota is used up, the batch pauses and says why. No lock is
    held while the provider is asked.
    """
    run = _take(batch_pk)
    if run is None:
        return False
    keys = list(
        GeocodeRow.objects.filter(_to_do(), batch=batch_pk).order_by("line").values_list("pk", flat=True)[:GO]
    )
    for number, key in enumerate(keys):
        if number:
            time.sleep(pace)
        if not run.goes_on():
            return False
        # read only now: a person may have placed it since
        row = GeocodeRow.objects.filter(_to_do(), pk=key).first()
        if row is None:
            continue
        try:
            found = locate(row.address, row.district)
        except (ProviderLimit, NotConfigured) as error:
            return run.pause(f"{error.message}（{error.detail}）")
        except ProviderDown as error:
            GeocodeRow.objects.filter(_to_do(), pk=key).update(
                state=RowState.UNKNOWN, problem=error.message, tries=F("tries") + 1
            )
            return run.pause(f"{error.message}（{error.detail}）")
        _store(key, found)
    more = GeocodeRow.objects.filter(_to_do(), batch=batch_pk).exists()
    run.end(more)
    return more


def resume(batch: GeocodeBatch, *, by: Actor) -> None:
    """Let a paused batch go on. Raises OutOfScope, NotAllowed."""
    from ..tasks import work_on_batch

    require_on(by, "map.geocode", batch)
    breaker.close()
    with transaction.atomic():
        GeocodeRow.objects.filter(batch=batch, state=RowState.UNKNOWN).update(tries=0)
        GeocodeBatch.objects.filter(pk=batch.pk, state=BatchState.PAUSED).update(
            state=BatchState.WAITING, problem=""
        )
        transaction.on_commit(lambda: work_on_batch.delay(batch.pk))


def waiting_batches() -> list[int]:
    """Batches to work on: waiting, paused by a provider for a quarter of an hour, or left by a worker that died."""
    due = Q(state=BatchState.WAITING) | Q(state=BatchState.RUNNING, touched_at__lt=now() - STUCK)
    paused = Q(state=BatchState.PAUSED, touched_at__lt=now() - timedelta(minutes=15))
    return list(GeocodeBatch.objects.filter(due | paused).order_by("pk").values_list("pk", flat=True))


def place_row(row: GeocodeRow, lng: Any, lat: Any, *, datum: str = Datum.GCJ02, by: Actor) -> Community:
    """Accept a position for a row, by hand or as found, and make or move its community.

    Whoever asks for the row's address afterwards (a shopper, a courier's task, a later batch) gets this position.
    Locks the row. Raises OutOfScope, NotAllowed, OrgError(POSITION_INVALID), MapError.
    """
    east, north = check_position(lng, lat, datum)
    with transaction.atomic():
        found = lock_rows(GeocodeRow.objects.filter(pk=row.pk).select_related("batch__unit"))
        if not found:
            raise OutOfScope
        row = found[0]
        require_on(by, "map.geocode", row)
        before = {"position": f"{row.lng}, {row.lat}" if row.lng is not None else ""}
        row.lng, row.lat, row.state, row.problem = east, north, RowState.CORRECTED, ""
        row.community = _community(row, by)
        row.save(update_fields=["lng", "lat", "state", "problem", "community"])
        remember(row.address, row.district, (east, north), row.community.region_code)
        record(
            PLACED, row, before=before, after={"position": f"{east}, {north}"}, actor=name_of(by),
            org_path=row.batch.unit.path,
        )  # fmt: skip
    return row.community


def _community(row: GeocodeRow, by: Actor) -> Community:
    values = {
        "name": row.name, "aliases": row.aliases, "address": f"{row.district}{row.address}", "lng": row.lng,
        "lat": row.lat,
    }  # fmt: skip
    return write_community(values, community=row.community, by=by)


def _to_do() -> Q:
    return Q(state=RowState.WAITING) | Q(state=RowState.UNKNOWN, tries__lt=MAX_TRIES)


@dataclass(slots=True)
class _Run:
    """One worker's claim on a batch. `mark` is what it last wrote into `touched_at`; another mark is another's."""

    batch_pk: int
    mark: datetime

    def goes_on(self) -> bool:
        """Renew the claim; False when another worker has taken the batch meanwhile."""
        return self._write(state=BatchState.RUNNING)

    def pause(self, problem: str) -> bool:
        """Let the batch wait, saying why; there is nothing more to do now."""
        self._write(state=BatchState.PAUSED, problem=problem[:200])
        return False

    def end(self, more: bool) -> None:
        """Give the batch back."""
        state = BatchState.WAITING if more else BatchState.DONE
        self._write(state=state, finished_at=None if more else now(), problem="")

    def _write(self, **values: Any) -> bool:
        moment = now()
        mine = GeocodeBatch.objects.filter(pk=self.batch_pk, state=BatchState.RUNNING, touched_at=self.mark)
        if not mine.update(touched_at=moment, **values):
            return False
        self.mark = moment
        return True


def _take(batch_pk: int) -> _Run | None:
    """Claim the batch for this run; None when another worker has it or it is done."""
    with transaction.atomic():
        found = lock_rows(GeocodeBatch.objects.filter(pk=batch_pk))
        if not found:
            return None
        batch = found[0]
        running = batch.state == BatchState.RUNNING and batch.touched_at > now() - STUCK
        if batch.state == BatchState.DONE or running:
            return None
        batch.state, batch.touched_at = BatchState.RUNNING, now()
        batch.save(update_fields=["state", "touched_at"])
    return _Run(batch_pk, batch.touched_at)


def _store(key: int, found: Located | None) -> None:
    """Store an answer, and the community that a sure one makes, together; what a person did meanwhile stays.

    Locks the row.
    """
    with transaction.atomic():
        rows = lock_rows(GeocodeRow.objects.filter(_to_do(), pk=key))
        if not rows:
            return
        row = rows[0]
        row.tries += 1
        _judge(row, found)
        if row.state == RowState.FOUND:
            try:
                with transaction.atomic():
                    row.community = _community(row, None)
            except DomainError as error:
                row.state, row.problem = RowState.DOUBTFUL, error.message[:200]
        row.save()


def _judge(row: GeocodeRow, found: Located | None) -> None:
    """What the answer says of the row: found, doubtful and why, or not found."""
    if found is None:
        row.state, row.problem = RowState.NOT_FOUND, str(_("地图上查不到这个地址"))
        return
    row.lng, row.lat, row.level, row.matched = found.lng, found.lat, found.level, found.address[:200]
    row.state, row.problem = RowState.FOUND, ""
    if row.district and found.district and row.district not in found.district:
        words = _("找到的地址在%(district)s") % {"district": found.district}
    elif found.confidence < SURE:
        words = _("只匹配到%(level)s") % {"level": found.level or "—"}
    else:
        return
    row.state, row.problem = RowState.DOUBTFUL, str(words)
