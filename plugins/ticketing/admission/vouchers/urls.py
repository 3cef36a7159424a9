"""Pages of vouchers for people: ``/ticketing/voucher/…``."""

from __future__ import annotations

from django.urls import path

from .printing import pdf_file, print_page

urlpatterns = [
    path("voucher/<str:token>/", print_page, name="ticketing_voucher_print"),
    path("voucher/<str:token>/pdf", pdf_file, name="ticketing_voucher_pdf"),
]
