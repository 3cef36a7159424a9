"""``/hooks/ticketing/gate/…``: what devices ask, signed with their own key (`wire`).

`verify`: let somebody in. `heartbeat`: here I am, this is my clock. `list`: who may come in, for hours without a
network. `log`: what I did without one. Answers are JSON; a refusal at the gate is an answer (200), an error of the
device is `{"status": "refused", "code", "message"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from saleor_o2o.kernel.bodies import body_refusal
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import LockTimeout

from ..models import Device
from .choices import Direction, Way
from .errors import VoucherError
from .errors import VoucherErrorCode as Code
from .places import Post
from .scanning import Asked
from .services.devices import as_signed, beat, device_of
from .services.lists import list_for
from .services.redeeming import redeem
from .services.syncing import STEADY, Entry, sync
from .wire import DRIFT, genuine, stamp_of

Told = dict[str, Any]
#: A log is told in pieces of so many entries.
MOST_ENTRIES = 500
MAX_BODY = 512 * 1024
_STATUS = {Code.NUMBER_REUSED: 409, Code.TOO_OFTEN: 429, Code.SEVERAL: 409}
_BUSY = frozenset({"55P03", "40P01"})


def verify(device: Device, stamp: datetime, told: Told) -> Told:
    """{number, text, people?, direction?, phone?, document?, session?} → the answer."""
    post = Post(device.unit, device.gate, device)
    said = redeem(
        post,
        Asked(
            number=_text(told, "number", 60), text=_text(told, "text", 400), people=_count(told, "people"),
            direction=Direction(_one_of(told, "direction", (Direction.IN, Direction.OUT), Direction.IN)),
            way=Way.DOCUMENT if told.get("way") == "document" else None,
            phone=_text(told, "phone", 4, needed=False), document=_text(told, "document", 60, needed=False),
            session=_count(told, "session"),
        ),
    )  # fmt: skip
    return {"status": "ok", "is_open": device.is_open, **said.to_json()}


def heartbeat(device: Device, stamp: datetime, told: Told) -> Told:
    """{software?, waiting?} → what the device should do, our time, how far its clock is off."""
    skew = beat(device, stamp, told)
    return {
        "status": "ok", "is_open": device.is_open, "direction": device.direction, "reentry": device.reentry,
        "trusts": device.trusts, "gate": device.gate.code, "time": round(now().timestamp() * 1000),
        "skew_ms": round(skew.total_seconds() * 1000),
    }  # fmt: skip


def lists(device: Device, stamp: datetime, told: Told) -> Told:
    """{} → the signed list."""
    return {"status": "ok", **list_for(device)}


def log(device: Device, stamp: datetime, told: Told) -> Told:
    """{entries: [{number, text, at (milliseconds), people, direction?}]} → what became of each, in their order."""
    entries = told.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise VoucherError(Code.MALFORMED, _("entries 是至多 500 条记录的列表"), "entries")
    read = [_entry(one) for one in entries]
    skew = stamp - now()
    measured = timedelta(milliseconds=device.skew_ms)
    steady = device.skew_at is not None and abs(skew - measured) <= STEADY
    if steady:
        # what is measured is the clock less the way here: the larger one had the shorter way, and is nearer
        skew = max(skew, measured)
    post = Post(device.unit, device.gate, device)
    taken = sync(post, read, skew, steady=steady)
    return {
        "status": "ok",
        "entries": [{"number": one.number, "status": one.status, "counted": one.counted} for one in taken],
    }


def _door(do: Callable[[Device, datetime, Told], Told], *, any_clock: bool = False) -> Any:
    @csrf_exempt
    @require_POST
    def view(request: HttpRequest) -> JsonResponse:
        refused = body_refusal(request, MAX_BODY)
        if refused is not None:
            return _refused(*refused)
        code = request.headers.get("X-Gate-Device", "")[:40]
        device = device_of(code)
        body, stamp = request.body, stamp_of(request.headers)
        if device is not None and stamp is not None:
            device = as_signed(device, lambda key: genuine(key, "POST", request.path, request.headers, body))
        if device is None or stamp is None:
            return _refused("BAD_SIGNATURE", 401)
        moment = now()
        drift = stamp - round(moment.timestamp() * 1000) - device.skew_ms
        if not any_clock and abs(drift) > DRIFT:
            return _refused("CLOCK", 401, time=round(moment.timestamp() * 1000))
        try:
            told = json.loads(body)
            if not isinstance(told, dict):
                return _refused("MALFORMED", 400)
            stamped = datetime.fromtimestamp(stamp / 1000, UTC)
            return JsonResponse(do(device, stamped, told))
        except VoucherError as error:
            return JsonResponse(
                {"status": "refused", **error.as_dict()}, status=_STATUS.get(_code(error), 400)
            )
        except (ValueError, RecursionError, OverflowError, OSError):
            return _refused("MALFORMED", 400)
        except (LockTimeout, DatabaseError) as error:
            if isinstance(error, DatabaseError) and getattr(error.__cause__, "pgcode", None) not in _BUSY:
                raise
            answered = _refused("BUSY", 503)
            answered["Retry-After"] = "1"
            return answered

    return view


def _code(error: VoucherError) -> Code:
    return Code(error.code.value)


def _refused(code: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"status": "refused", "code": code, **more}, status=status)


def _text(told: Told, name: str, most: int, *, needed: bool = True) -> str:
    value = told.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()) or len(value) > most or "\0" in value:
        raise VoucherError(Code.MALFORMED, _("%(name)s 缺少或不正确") % {"name": name}, name)
    return value.strip()


def _count(told: Told, name: str) -> int | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise VoucherError(Code.MALFORMED, _("%(name)s 缺少或不正确") % {"name": name}, name)
    return value


def _one_of(told: Told, name: str, known: tuple[str, ...], default: str) -> str:
    value = told.get(name, default)
    if value not in known:
        raise VoucherError(Code.MALFORMED, _("%(name)s 缺少或不正确") % {"name": name}, name)
    return str(value)


def _entry(told: Any) -> Entry:
    if not isinstance(told, dict):
        raise VoucherError(Code.MALFORMED, _("记录不是 JSON 对象"), "entries")
    at = told.get("at")
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < 10**14:
        raise VoucherError(Code.MALFORMED, _("at 是毫秒数"), "at")
    people = _count(told, "people") or 1
    if people > 1000:
        raise VoucherError(Code.MALFORMED, _("人数不正确"), "people")
    return Entry(
        _text(told, "number", 50), _text(told, "text", 400), datetime.fromtimestamp(at / 1000, UTC), people,
        Direction(_one_of(told, "direction", (Direction.IN, Direction.OUT), Direction.IN)),
    )  # fmt: skip


urlpatterns = [
    path("verify", _door(verify), name="ticketing_gate_verify"),
    path("heartbeat", _door(heartbeat, any_clock=True), name="ticketing_gate_heartbeat"),
    path("list", _door(lists), name="ticketing_gate_list"),
    path("log", _door(log, any_clock=True), name="ticketing_gate_log"),
]
