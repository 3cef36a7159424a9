"""Mutations of people and roles."""

from __future__ import annotations

import graphene

from .delegation_create import DelegationCreate
from .role_grant import RoleGrant
from .role_grant_decide import RoleGrantDecide
from .role_revoke import RoleRevoke
from .staff_activation_send import StaffActivationSend
from .staff_assign import StaffAssign
from .staff_hand_over import StaffHandOver
from .staff_hire import StaffHire
from .staff_leave import StaffLeave
from .staff_post_change import StaffPostChange
from .staff_post_end import StaffPostEnd
from .staff_set_status import StaffSetStatus
from .staff_transfer import StaffTransfer


class StaffMutations(graphene.ObjectType):
    """What a member of the staff does with people."""

    staff_hire = StaffHire.Field()
    staff_activation_send = StaffActivationSend.Field()
    staff_assign = StaffAssign.Field()
    staff_leave = StaffLeave.Field()
    role_grant = RoleGrant.Field()
    role_revoke = RoleRevoke.Field()
    delegation_create = DelegationCreate.Field()
    role_grant_decide = RoleGrantDecide.Field()
    staff_hand_over = StaffHandOver.Field()
    staff_post_change = StaffPostChange.Field()
    staff_post_end = StaffPostEnd.Field()
    staff_set_status = StaffSetStatus.Field()
    staff_transfer = StaffTransfer.Field()
