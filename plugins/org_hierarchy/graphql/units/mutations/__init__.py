"""Mutations of the tree, one per file."""

import graphene

from .org_unit_close import OrgUnitClose
from .org_unit_create import OrgUnitCreate
from .org_unit_move import OrgUnitMove
from .org_unit_move_cancel import OrgUnitMoveCancel
from .org_unit_set_status import OrgUnitSetStatus
from .org_unit_update import OrgUnitUpdate


class UnitMutations(graphene.ObjectType):
    """What staff do with the tree."""

    org_unit_create = OrgUnitCreate.Field()
    org_unit_update = OrgUnitUpdate.Field()
    org_unit_set_status = OrgUnitSetStatus.Field()
    org_unit_move = OrgUnitMove.Field()
    org_unit_move_cancel = OrgUnitMoveCancel.Field()
    org_unit_close = OrgUnitClose.Field()
