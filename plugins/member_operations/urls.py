"""The links of campaigns' messages. Below /member_operations/."""

from __future__ import annotations

from django.urls import path

from .pages import open_message

urlpatterns = [path("c/<slug:token>/", open_message, name="o2o-member-operations-open")]
