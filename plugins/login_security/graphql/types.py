"""Types of login security's API."""

from __future__ import annotations

from typing import Any

import graphene


class LoginErrorType(graphene.ObjectType):
    """What went wrong, for people and for programs."""

    field = graphene.String(description="出错的输入项")
    message = graphene.String(required=True, description="给人看的说明")
    hint = graphene.String(description="下一步可以怎么做")
    code = graphene.String(required=True, description="稳定的错误代码")

    class Meta:
        name = "LoginError"


def error_of(error: Any) -> LoginErrorType:
    """A kernel error in the API's form."""
    return LoginErrorType(**error.as_dict())
