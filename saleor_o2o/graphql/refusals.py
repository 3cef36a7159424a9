"""What every refusal of the API says: the fields of each domain's own error type, in one place."""

from __future__ import annotations

import graphene


class Refusal:
    """The fields of an error: mixed into the type of a domain, before ``graphene.ObjectType``."""

    field = graphene.String(description="出错的输入项")
    message = graphene.String(required=True, description="给人看的说明")
    hint = graphene.String(description="下一步可以怎么做")
    code = graphene.String(required=True, description="稳定的错误代码")


class PacedRefusal(Refusal):
    """The same, of a domain that asks to come back later."""

    retry_after = graphene.Int(description="多少秒后可以再试")
