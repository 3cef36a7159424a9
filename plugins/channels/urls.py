"""Pages for people without a login: a shop, its QR code, the application form and its progress. Below /channels/."""

from __future__ import annotations

from django.urls import path

from .pages import apply_page, progress_page, qr_page, shop_page

urlpatterns = [
    path("s/<str:code>", shop_page, name="o2o-channels-shop"),
    path("qr/<str:code>.svg", qr_page, name="o2o-channels-qr"),
    path("apply/", apply_page, name="o2o-channels-apply"),
    path("progress/", progress_page, name="o2o-channels-progress"),
]
