"""Mutations of the map."""

from __future__ import annotations

import graphene

from .pin_correct import PinCorrect


class MapMutations(graphene.ObjectType):
    """What the staff changes on the map."""

    pin_correct = PinCorrect.Field()
