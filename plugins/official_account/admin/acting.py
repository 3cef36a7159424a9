"""What these pages share: a button to something to do with a row."""

from __future__ import annotations

from typing import Any

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.doors import door


class AccountPage(ActingAdmin):
    """A list with something to begin, and pages of rows with something to do."""

    def door_to(self, words: str, icon: str, name: str, pk: int) -> dict[str, Any]:
        """A button to something to do with a row."""
        return door(words, icon, self.address(name, pk))
