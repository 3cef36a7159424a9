"""The page of a shop's owner. Below /counter_sales/."""

from __future__ import annotations

from django.urls import path

from .pages import shop_page

urlpatterns = [path("shop/", shop_page, name="o2o-counter-shop")]
