"""Mutations of member operations: a file each."""

import graphene

from .survey_answer import SurveyAnswer


class MemberOperationsMutations(graphene.ObjectType):
    """For members: answer what was asked."""

    survey_answer = SurveyAnswer.Field()
