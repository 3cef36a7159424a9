"""Addresses below ``/h5/``."""

from django.urls import path, re_path

from .pages import service_worker, shell

urlpatterns = [
    path("sw.js", service_worker, name="o2o-h5-worker"),
    re_path(r"^(?P<path>.*)$", shell, name="o2o-h5"),
]
