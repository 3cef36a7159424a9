"""``/hooks/ticketing/coach/<network>``: what a network tells; checked, stored as it came, answered, worked on later.

Each network wants its own word for "it arrived" and sends again until it reads it. The answers say nothing of tickets
or people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plugins.ticketing.kernel.services.notices import keep_refused, take_in
from saleor_o2o.kernel.bodies import body_refusal

from . import fangbian, province
from .speaking import NotConfigured
from .told import Told, Untrue

MAX_BODY = 128 * 1024


@dataclass(frozen=True)
class Door:
    """Where one network calls: its adapter, how it is read, what it wants to hear."""

    adapter: str
    read: Callable[[str, Mapping[str, str], bytes], Told]
    taken: str
    kind: str


DOORS = {
    "province": Door(province.ADAPTER, province.read_notice, '{"code": "0000"}', "application/json"),
    "fangbian": Door(fangbian.ADAPTER, fangbian.read_notice, "success", "text/plain; charset=utf-8"),
}


@csrf_exempt
@require_POST
def hear(request: HttpRequest, network: str) -> HttpResponse:
    """Take a call-back in; the same one again changes nothing. 400, 401, 404 or 413 for everything else."""
    door = DOORS.get(network)
    if door is None:
        return _no("NOT_FOUND", 404)
    refused = body_refusal(request, MAX_BODY)
    if refused is not None:
        return _no(*refused)
    try:
        told = door.read(request.path, request.headers, request.body)
    except NotConfigured:
        return _no("NOT_READY", 404)
    except Untrue as untrue:
        keep_refused(door.adapter, request.body, untrue.code)
        return _no(untrue.code, untrue.status)
    take_in(door.adapter, told.number, told.kind, told.ticket or told.own or told.shift, request.body)
    return HttpResponse(door.taken, content_type=door.kind)


def _no(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code}, status=status)


urlpatterns = [path("coach/<slug:network>", hear, name="ticketing_coach_network")]
