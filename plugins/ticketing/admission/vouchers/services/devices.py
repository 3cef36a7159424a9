"""Devices: registered with a key that is shown once, heard by their heartbeat, opened and closed from afar."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.prepared import Prepared
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row, require

from ...models import Device, Gate, ScanConflict
from ..access import DEVICE_EDIT, DEVICE_SWITCH, RESOLVE
from ..choices import ConflictState, DeviceKind, GateDirection
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code

REGISTERED = audit.action("ticketing.device_registered", _("登记检票设备"))
REKEYED = audit.action("ticketing.device_rekeyed", _("更换设备密钥"))
CHANGED = audit.action("ticketing.device_changed", _("修改检票设备"))
SWITCHED = audit.action("ticketing.device_switched", _("远程开闭检票口"))
RESOLVED = audit.action("ticketing.scan_conflict_resolved", _("处理检票冲突"))
#: A device that says nothing for so long is away.
AWAY = timedelta(minutes=3)
#: The longest that a gate's old key is good beside its new one.
LONGEST_OVERLAP = timedelta(hours=24)
#: Tell people of a clock that is off by more.
BAD_CLOCK = timedelta(seconds=30)


def register_device(
    by: Any, gate: Gate, *, code: str, name: str, kind: DeviceKind, **told: Any
) -> tuple[Device, str]:
    """A device and its secret, which is shown this once. Raises NotAllowed, ALREADY."""
    place = gate.spot or gate.venue
    if place is None or not may_at(by, DEVICE_EDIT, place.unit):
        raise NotAllowed
    secret = secrets.token_hex(24)
    with transaction.atomic():
        if Device.objects.filter(code=code).exists():
            raise VoucherError(Code.ALREADY, _("设备号已登记"), "code", _("请换一个设备号"))
        made = Device.objects.create(
            code=code, name=name, kind=kind, gate=gate, unit=place.unit, secret=secret, **told
        )
        audit.record(
            REGISTERED,
            made,
            after={"code": code, "gate": gate.code},
            actor=actor_label(by),
            org_path=place.unit.path,
        )
    return made, secret


def change_device(by: Any, pk: int, **told: Any) -> Device:
    """Direction, re-entry, trust, name, whether it is in use. Locks: the device. Raises OutOfScope, NotAllowed."""
    return _change(by, pk, DEVICE_EDIT, CHANGED, told)


def switch_device(by: Any, pk: int, *, is_open: bool) -> Device:
    """Open or close a gate from afar; it hears it with its next question. Raises OutOfScope, NotAllowed."""
    return _change(by, pk, DEVICE_SWITCH, SWITCHED, {"is_open": is_open})


def rekey_device(
    by: Any, pk: int, *, overlap: timedelta = timedelta(0), reason: str = ""
) -> tuple[Device, str]:
    """A new secret, shown this once. The old one is good for `overlap` more, so that the gate goes on until it has the
    new one, but no longer than until it first uses that; without an overlap (lost, stolen) it is good for nothing.

    What a gate still has is what it used last: of keys that were made and never used none is kept. Locks: the device.
    Raises OutOfScope, NotAllowed, INVALID.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise VoucherError(Code.INVALID, _("旧密钥最多再用 24 小时"), "overlap")
    found = get_row(by, Device.objects.select_related("unit"), pk=pk)
    require(by, DEVICE_EDIT, found)
    secret = secrets.token_hex(24)
    with transaction.atomic():
        [device] = lock_rows(Device.objects.filter(pk=found.pk).select_related("gate", "unit"))
        moment = now()
        unused = device.old_secret and device.old_until is not None and device.old_until > moment
        had = device.old_secret if unused else device.secret
        device.old_secret, device.old_until = (had, moment + overlap) if overlap else ("", None)
        device.secret = secret
        device.save(update_fields=["secret", "old_secret", "old_until"])
        told = {"overlap_minutes": overlap // timedelta(minutes=1), "reason": reason.strip()[:200]}
        audit.record(REKEYED, device, after=told, actor=actor_label(by), org_path=found.unit.path)
    return device, secret


def as_signed(device: Device, signed: Callable[[str], bool]) -> Device | None:
    """The device with the secret that it signed with, by `signed(secret)`; None where with neither.

    Once it has used the new one the old one is good for nothing: one statement, once. The row is not written to.
    """
    if signed(device.secret):
        if device.old_secret:
            # of this renewal: another one meanwhile has another time
            Device.objects.filter(pk=device.pk, old_until=device.old_until).update(
                old_secret="", old_until=None
            )
        return device
    if not device.old_secret or device.old_until is None or device.old_until <= now():
        return None
    if not signed(device.old_secret):
        return None
    before = copy(device)
    before.secret = device.old_secret
    return before


def _change(by: Any, pk: int, permission: str, action: Any, told: Mapping[str, Any]) -> Device:
    found = get_row(by, Device.objects.select_related("unit"), pk=pk)
    require(by, permission, found)
    with transaction.atomic():
        [device] = lock_rows(Device.objects.filter(pk=found.pk).select_related("gate", "unit"))
        for key, value in told.items():
            setattr(device, key, value)
        device.save(update_fields=list(told))
        shown = {key: str(value) for key, value in told.items()}
        audit.record(action, device, after=shown, actor=actor_label(by), org_path=found.unit.path)
    return device


#: Where each version of the rows is: written anew, a row has another mark (0106).
_MARKS = Prepared(
    "gate_device",
    """
SELECT concat_ws(' ', device.ctid, device.xmin, gate.ctid, gate.xmin, unit.ctid, unit.xmin, spot.ctid, spot.xmin,
    venue.ctid, venue.xmin, owner.ctid, owner.xmin)
FROM o2o_admission_device AS device
JOIN o2o_admission_gate AS gate ON gate.id = device.gate_id
JOIN o2o_org_hierarchy_orgunit AS unit ON unit.id = device.unit_id
LEFT JOIN o2o_admission_scenicspot AS spot ON spot.id = gate.spot_id
LEFT JOIN o2o_admission_venue AS venue ON venue.id = gate.venue_id
LEFT JOIN o2o_org_hierarchy_orgunit AS owner ON owner.id = coalesce(spot.unit_id, venue.unit_id)
WHERE device.code = %(code)s AND device.active
""",
    {"code": "text"},
)
_kept: dict[str, tuple[str, Device]] = {}
#: So many devices are kept; whatever is more is read each time.
_MOST = 1000


def device_of(code: str) -> Device | None:
    """The device in use of this code with its gate, place and unit. One statement, two when one of them has changed.

    The row is shared by all requests of the process: nobody writes to it.
    """
    found = _MARKS.rows({"code": code}) if "\0" not in code else []
    if not found:
        return None
    marks = found[0][0]
    known = _kept.get(code)
    if known is not None and known[0] == marks:
        return known[1]
    rows = Device.objects.select_related("unit", "gate__spot__unit", "gate__venue__unit")
    device = rows.filter(code=code, active=True).first()
    if device is not None and (code in _kept or len(_kept) < _MOST):
        # read after the marks: what changes in between has other marks, and is read again by the next one
        _kept[code] = (marks, device)
    return device


def beat(device: Device, device_at: datetime, told: Mapping[str, Any]) -> timedelta:
    """A heartbeat: how far the device's clock is off, its software, how much it has to tell. One statement."""
    moment = now()
    skew = device_at - moment
    milliseconds = max(-(2**31), min(2**31 - 1, round(skew.total_seconds() * 1000)))
    waiting = told.get("waiting")
    Device.objects.filter(pk=device.pk).update(
        seen_at=moment, skew_ms=milliseconds, skew_at=moment, software=str(told.get("software", ""))[:40],
        waiting=waiting if isinstance(waiting, int) and 0 <= waiting < 10**6 else 0,
    )  # fmt: skip
    return skew


def resolve(by: Any, pk: int, note: str) -> ScanConflict:
    """Somebody has looked. Locks: the conflict. Raises OutOfScope, NotAllowed, REQUIRED."""
    found = get_row(by, ScanConflict.objects.select_related("unit"), pk=pk)
    require(by, RESOLVE, found)
    told = note.strip()[:200]
    if len(told) < 2:
        raise VoucherError(Code.REQUIRED, _("请写明怎样处理的"), "reason")
    with transaction.atomic():
        [row] = lock_rows(ScanConflict.objects.filter(pk=found.pk))
        if row.state == ConflictState.OPEN:
            row.state, row.done_by, row.done_at, row.note = ConflictState.DONE, by, now(), told
            row.save(update_fields=["state", "done_by", "done_at", "note"])
            audit.record(RESOLVED, row, after={"note": told}, actor=actor_label(by), org_path=found.unit.path)
    return row


__all__ = [
    "AWAY",
    "BAD_CLOCK",
    "LONGEST_OVERLAP",
    "GateDirection",
    "as_signed",
    "beat",
    "change_device",
    "register_device",
    "rekey_device",
    "resolve",
    "switch_device",
]
