"""Which rows a user may see, and what may be done to them: one policy, replaceable, asked by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, Protocol, TypeVar, runtime_checkable

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .errors import DomainError, KernelErrorCode

M = TypeVar("M", bound=Model)


class ScopeUser(Protocol):
    """What a policy needs of Django's users, the anonymous one included."""

    @property
    def is_active(self) -> Any: ...
    @property
    def is_staff(self) -> Any: ...
    @property
    def is_superuser(self) -> Any: ...
    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


@runtime_checkable
class ScopePolicy(Protocol):
    """Answers "which rows" and "may X". Stateless; one database read per question at most."""

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        """Return the rows that the user may see, or do something else to."""
        ...

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        """True when the user may do it: `view`, `add`, `change`, `delete` or a permission `app.codename`."""
        ...


class Organisation(Protocol):
    """Who is bound by rules of ours where stock has only coarse permissions, and how much money each may decide."""

    def confines(self, user: Any) -> bool:
        """True for a person whose rows and rights are ours to say; False where stock's answer stands."""
        ...

    def check_limit(self, user: Any, kind: str, amount: Decimal, row: Model) -> None:
        """Raise DomainError when deciding `amount` yuan for this order is beyond the person's limit."""
        ...

    def took_in(self, user: Any, customer: Any) -> None:
        """Note that the person has just made this customer, in the transaction that does."""
        ...


class OutOfScope(DomainError):
    """The row is not there, or not for this user: nobody learns which."""

    def __init__(self) -> None:
        super().__init__(KernelErrorCode.NOT_FOUND, _("记录不存在"))


class NotAllowed(DomainError):
    """The user sees the row but may not do this to it."""

    def __init__(self) -> None:
        super().__init__(KernelErrorCode.PERMISSION_DENIED, _("您没有执行此操作的权限"))


class StaffPolicy:
    """The default: superusers do all, staff what their Django permissions say on all rows, others nothing."""

    def rows(self, user: ScopeUser, rows: QuerySet[M], action: str = "view") -> QuerySet[M]:
        return rows.all() if self.may(user, action, rows.model) else rows.none()

    def may(self, user: ScopeUser, action: str, obj: Model | type[Model]) -> bool:
        if not user.is_active:
            return False
        if user.is_superuser:
            return True
        return bool(user.is_staff) and user.has_perm(permission_name(action, obj))


class NoOrganisation:
    """Nobody is bound: stock's permissions are all there is."""

    def confines(self, user: Any) -> bool:
        return False

    def check_limit(self, user: Any, kind: str, amount: Decimal, row: Model) -> None:
        return None

    def took_in(self, user: Any, customer: Any) -> None:
        return None


_organisation: Organisation = NoOrganisation()
_default: ScopePolicy = StaffPolicy()
_by_model: dict[type[Model], ScopePolicy] = {}


def use_policy(policy: ScopePolicy, model: type[Model] | None = None) -> None:
    """Replace the policy of one model, or the one of all models that have none of their own."""
    global _default
    if model is None:
        _default = policy
    else:
        _by_model[model] = policy


def use_organisation(found: Organisation) -> None:
    """Put an organisation in charge of its people."""
    global _organisation
    _organisation = found


def organisation() -> Organisation:
    """Return the organisation in charge."""
    return _organisation


def policy_for(model: type[Model]) -> ScopePolicy:
    """Return the policy in force for a model."""
    return _by_model.get(model, _default)


def rows_for(user: ScopeUser, rows: QuerySet[M] | type[M], action: str = "view") -> QuerySet[M]:
    """Return the rows of a queryset or model that the user may see: the only way to a row.

    `action` asks for the rows that something else may be done to (`order.export`).
    """
    queryset = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    return policy_for(queryset.model).rows(user, queryset, action)


def get_row(user: ScopeUser, rows: QuerySet[M] | type[M], **lookup: Any) -> M:
    """Return one row by a unique lookup. Raises OutOfScope when it is missing, not visible or badly named."""
    try:
        row = rows_for(user, rows).filter(**lookup).first()
    except (ValueError, TypeError):  # an id of the wrong shape
        row = None
    if row is None:
        raise OutOfScope
    return row


def require(user: ScopeUser, action: str, obj: Model) -> None:
    """Raise OutOfScope when the user may not see the row, NotAllowed when he may see but not do it."""
    if not rows_for(user, type(obj)).filter(pk=obj.pk).exists():
        raise OutOfScope
    if not policy_for(type(obj)).may(user, action, obj):
        raise NotAllowed


def permission_name(action: str, obj: Model | type[Model]) -> str:
    """Return Django's permission for a short action on a model; dotted names stay as they are."""
    return action if "." in action else f"{obj._meta.app_label}.{action}_{obj._meta.model_name}"


# -- for code that is not told who asks --------------------------------------------------

_viewer: ContextVar[Any] = ContextVar("o2o_viewer", default=None)


@contextmanager
def viewing(user: Any) -> Iterator[None]:
    """Remember who asks, for stock's functions that look rows up without being told (`confined_viewer`)."""
    token = _viewer.set(user)
    try:
        yield
    finally:
        _viewer.reset(token)


def confined_viewer() -> Any:
    """Return who asks, if it is somebody bound by the organisation; else None."""
    user = _viewer.get()
    return user if user is not None and _organisation.confines(user) else None


def is_confining(model: type[Model]) -> bool:
    """True for models whose rows belong to parts of the organisation (and not to the whole city)."""
    return bool(getattr(policy_for(model._meta.concrete_model or model), "confining", False))


def reachable(rows: QuerySet[M], user: Any, own: str = "") -> QuerySet[M]:
    """The rows within a confined user's reach, and with `own` (a lookup to the user) those that are the user's own."""
    seen = rows_for(user, rows)
    if not own:
        return seen
    mine = rows.model._default_manager.filter(**{own: user.pk})
    return rows.filter(Q(pk__in=seen.order_by().values("pk")) | Q(pk__in=mine.values("pk")))
