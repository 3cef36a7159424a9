"""``tokenCreate``: stock's, with counted failures, and not for people who need a second factor."""

from __future__ import annotations

from typing import Any

from saleor.graphql.core.mutations import CreateToken

from ...errors import CodeRequired, LockedOut, NotEnrolled
from ...models import Outcome, Way
from ...places import place_of
from ...services import history, throttle
from ...services.factor import needs_code, state_of
from ...services.switched_off import why_off


class TokenCreate(CreateToken):
    """Stock's answers; LOCKED_OUT, SECOND_FACTOR_REQUIRED and STAFF_NOT_ACTIVE come as errors of the field."""

    class Meta:
        name = "CreateToken"
        description = "Mutation that authenticates a user and returns token and user data."

    @classmethod
    def mutate(cls, root: Any, info: Any, **data: Any) -> Any:
        """Raises LockedOut, AccountOff, CodeRequired, NotEnrolled."""
        place = place_of(info.context, Way.API)
        name = str(data.get("email", ""))
        try:
            attempt = throttle.begin(name, place)
        except LockedOut:
            history.note_name(name, place, Outcome.LOCKED)
            raise
        answer = super().mutate(root, info, **data)
        if answer.user is None:
            history.note_name(name, place, Outcome.FAILED)
            off = why_off(name, str(data.get("password", "")))
            if off is not None:
                raise off
            return answer
        throttle.succeeded(attempt)
        state = state_of(answer.user) if answer.user.is_staff else None
        if state is not None and needs_code(answer.user, state):
            history.note(answer.user, place, Outcome.CODE_REQUIRED)
            raise CodeRequired if state.confirmed_at else NotEnrolled
        history.note(answer.user, place, Outcome.SUCCESS)
        return answer
