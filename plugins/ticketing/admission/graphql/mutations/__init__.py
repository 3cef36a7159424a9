"""Mutations of admission, one per file."""

import graphene

from .admission_draw_enter import AdmissionDrawEnter
from .admission_hold import AdmissionHold
from .admission_queue_join import AdmissionQueueJoin
from .admission_wait import AdmissionWait
from .admission_wait_cancel import AdmissionWaitCancel
from .ticket_holder_change import TicketHolderChange


class AdmissionMutations(graphene.ObjectType):
    """Holding, waiting, queueing, drawing lots."""

    admission_hold = AdmissionHold.Field()
    admission_wait = AdmissionWait.Field()
    admission_wait_cancel = AdmissionWaitCancel.Field()
    admission_queue_join = AdmissionQueueJoin.Field()
    admission_draw_enter = AdmissionDrawEnter.Field()
    ticket_holder_change = TicketHolderChange.Field()
