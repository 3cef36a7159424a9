"""The page on which a screen is logged in. Below /members/."""

from __future__ import annotations

from django.urls import path

from .pages import login_page

urlpatterns = [path("login/", login_page, name="o2o-members-login")]
