"""The platform's addresses, and a bare view beside them that only inserts a row: what a callback costs at least."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from saleor_o2o.cashier.models import Notification
from saleor_o2o.urls import urlpatterns as platform


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Store what came, and say so."""
    Notification.objects.create(gateway="bench", kind="BARE", headers={}, body=request.body)
    return HttpResponse(status=204)


def who(_request: HttpRequest) -> HttpResponse:
    """Which process answers."""
    return HttpResponse(str(os.getpid()))


urlpatterns = [path("bare", bare), path("who", who), *platform]
