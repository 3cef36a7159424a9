"""The shopper's page. Below /after_sale/."""

from __future__ import annotations

from django.urls import path

from .pages import mine_page

urlpatterns = [path("mine/", mine_page, name="o2o-after-sale-mine")]
