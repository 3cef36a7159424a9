"""What other plugins may use of memberships.

- `running_of(member_id)`: the memberships that run now, the highest plan first, each with its plan;
- `MembershipError`: refusals. What memberships tell is in `events.py`.
"""

from __future__ import annotations

from .errors import MembershipError, MembershipErrorCode
from .selectors import running_of

__all__ = ["MembershipError", "MembershipErrorCode", "running_of"]
