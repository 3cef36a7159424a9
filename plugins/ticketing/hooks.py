"""``/hooks/ticketing/…``: what machines and suppliers ask and tell, signed."""

from __future__ import annotations

from django.urls import include, path

from .coach.suppliers import callbacks

urlpatterns = [
    path("gate/", include("plugins.ticketing.admission.vouchers.hooks")),
    *callbacks.urlpatterns,
    path("", include("plugins.ticketing.distribution.upstream.door")),
    path("", include("plugins.ticketing.distribution.downstream.api.door")),
]
