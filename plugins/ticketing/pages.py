"""``/ticketing/…``: pages for people."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("plugins.ticketing.admission.vouchers.urls"))]
