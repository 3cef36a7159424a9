"""The site behind every page of the back office."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class BackOfficeSite(UnfoldAdminSite):
    """Unfold's site, which lists all models a person may open only for the page that shows such a list."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Every page is given the list, and our navigation shows another: asking two hundred models what the person
        may do with each, and sorting them by translated names, was a third of what a page costs (decision 0130)."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))
