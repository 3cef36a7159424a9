"""The page of a shop's owner, and the page of a payer who is elsewhere. Below /counter_sales/."""

from __future__ import annotations

from django.urls import path

from .pages import shop_page
from .paying_pages import pay_page

urlpatterns = [
    path("shop/", shop_page, name="o2o-counter-shop"),
    path("pay/<str:token>/", pay_page, name="o2o-counter-pay"),
]
