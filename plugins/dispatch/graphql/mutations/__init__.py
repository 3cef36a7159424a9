"""Mutations of dispatch, one a file."""

from __future__ import annotations

import graphene

from .dispatch_accept import DispatchAccept
from .dispatch_assign import DispatchAssign
from .dispatch_grab import DispatchGrab
from .dispatch_refuse import DispatchRefuse
from .dispatch_send import DispatchSend
from .dispatch_transfer import DispatchTransfer


class DispatchMutations(graphene.ObjectType):
    """What the staff does with tasks."""

    dispatch_grab = DispatchGrab.Field()
    dispatch_assign = DispatchAssign.Field()
    dispatch_transfer = DispatchTransfer.Field()
    dispatch_accept = DispatchAccept.Field()
    dispatch_refuse = DispatchRefuse.Field()
    dispatch_send = DispatchSend.Field()
