"""What members tell the others, after the commit. No event carries personal data.

Keys: events about a member are published under `member:<pk>`.
"""

from __future__ import annotations

from saleor_o2o.kernel.events import Event


class MemberRegistered(Event):
    """Somebody became a member; `source` is one of `kinds.Source`."""

    name = "members.registered"

    member_id: int
    user_id: int
    source: str


class IdentityBound(Event):
    """A member is known by one more identity; `kind` is one of `kinds.IdentityKind`."""

    name = "members.identity_bound"

    member_id: int
    identity_id: int
    kind: str


class IdentityReleased(Event):
    """A member is no longer known by an identity."""

    name = "members.identity_released"

    member_id: int
    identity_id: int
    kind: str


class MemberStatusChanged(Event):
    """A member was frozen, restored, blacklisted; `status` is one of `kinds.MemberStatus`."""

    name = "members.status_changed"

    member_id: int
    status: str


class MembersMerged(Event):
    """A member was merged into another: what was of the absorbed user is the kept one's. Rows have moved already."""

    name = "members.merged"

    kept_id: int
    absorbed_id: int
    kept_user_id: int
    absorbed_user_id: int


class MemberClosed(Event):
    """A member's account is closed: personal data is gone, identities are free. Orders stay with the user's key."""

    name = "members.closed"

    member_id: int
    user_id: int


class RealNamePassed(Event):
    """The register of persons said that a member's name and identity number belong together."""

    name = "members.real_name_passed"

    member_id: int
    user_id: int
