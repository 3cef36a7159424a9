"""Django's question `user.has_perm("order.view")`, answered from the grants as they are now."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from .grants import access_of
from .registry import permissions


class OrgBackend(BaseBackend):
    """Knows our permissions only; logs nobody in."""

    def has_perm(self, user_obj: Any, perm: Any, obj: Any = None) -> bool:
        """True when the user holds the permission somewhere."""
        code = getattr(perm, "value", perm)
        if code not in permissions() or not user_obj.is_active:
            return False
        return access_of(user_obj).has(code)
