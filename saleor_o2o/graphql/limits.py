"""How deep an operation goes and what it may cost, told before it runs.

Cost is about the number of fields the answer may hold: each selected field counts one, everything below a connection is
multiplied by its ``first`` or ``last`` (at most the page limit; the limit itself if neither is given), and everything
below a plain list by :data:`LIST_SIZE`. A field at the root of a mutation counts
:data:`MUTATION_COST`, so that one request cannot try a thousand passwords under a thousand aliases. Introspection is
free, but only as deep as tools need it. Fragments are planned once and priced once per request, however often used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from graphene_django import settings as graphene_django
from graphql.language import ast
from graphql.type import GraphQLList, GraphQLNonNull, GraphQLSchema
from graphql.type.definition import get_named_type
from graphql.utils.type_from_ast import type_from_ast

from saleor_o2o.kernel.errors import DomainError

from .errors import GraphqlErrorCode

#: Rows assumed in a list that is not paged (variants, pictures, attributes, order lines).
LIST_SIZE = 3
MUTATION_COST = 1_000
#: Lists of the schema within lists of the schema: types → fields → arguments is what tools ask for.
INTROSPECTION_LISTS = frozenset(
    {"types", "fields", "inputFields", "interfaces", "possibleTypes", "args", "enumValues"}
)
INTROSPECTION_DEPTH = 3
INTROSPECTION_FIELDS = 5
PAGE_ARGUMENTS = ("first", "last")

Variables = Mapping[str, Any]


@dataclass(slots=True)
class _Priced:
    """Cost of a set of selections: a known part, and parts that depend on variables; and its depth."""

    known: int = 0
    open: list[_Open] = field(default_factory=list)
    depth: int = 0

    def add(self, other: _Priced) -> None:
        self.known += other.known
        self.open += other.open
        self.depth = max(self.depth, other.depth)

    def price(self, values: Variables, memo: dict[int, int]) -> int:
        if not self.open:
            return self.known
        known = memo.get(id(self))
        if known is None:
            known = memo[id(self)] = self.known + sum(part.price(values, memo) for part in self.open)
        return known


@dataclass(slots=True)
class _Open:
    """``own`` + the price of ``below`` × the size of a page, if the conditions hold; all known only with variables."""

    own: int
    below: _Priced
    factor: int = 1
    page: tuple[Any, ...] = ()
    conditions: tuple[tuple[bool, str], ...] = ()

    def price(self, values: Variables, memo: dict[int, int]) -> int:
        for wanted, name in self.conditions:
            if values.get(name, wanted) is not wanted:
                return 0
        factor = _page_size(self.page, values) if self.page else self.factor
        return self.own + factor * self.below.price(values, memo)


@dataclass(frozen=True, slots=True)
class OperationPlan:
    """What is known of an operation before its variables are."""

    depth: int
    introspection_depth: int
    introspection_fields: int
    defaults: dict[str, Any]
    declares_variables: bool
    _cost: _Priced

    def cost(self, variables: Variables) -> int:
        """The cost with these variables (raw, as sent)."""
        if not self._cost.open:
            return self._cost.known
        given = {name: value for name, value in variables.items() if value is not None}
        return self._cost.price({**self.defaults, **given}, {})

    def check(self, variables: Variables) -> None:
        """Raise :class:`DomainError` unless the operation keeps within ``O2O_GRAPHQL``'s limits."""
        limits = settings.O2O_GRAPHQL
        if self.depth > limits["MAX_DEPTH"]:
            raise DomainError(
                GraphqlErrorCode.QUERY_TOO_DEEP,
                _("查询嵌套过深：%(depth)s 层，最多 %(most)s 层")
                % {"depth": self.depth, "most": limits["MAX_DEPTH"]},
                hint=_("请减少嵌套层数，或拆成几次请求"),
            )
        if self.introspection_depth > INTROSPECTION_DEPTH or self.introspection_fields > INTROSPECTION_FIELDS:
            raise DomainError(
                GraphqlErrorCode.INTROSPECTION_TOO_DEEP,
                _("内省查询嵌套过深或过多，请使用标准的内省查询"),
            )
        cost = self.cost(variables)
        if cost > limits["MAX_COST"]:
            raise DomainError(
                GraphqlErrorCode.QUERY_TOO_EXPENSIVE,
                _("查询成本过高：%(cost)s，最多 %(most)s") % {"cost": cost, "most": limits["MAX_COST"]},
                hint=_("请减小 first 或 last，减少嵌套的列表，或拆成几次请求"),
            )


def plan_operation(schema: GraphQLSchema, operation: Any, fragments: Mapping[str, Any]) -> OperationPlan:
    """Plan a *validated* operation (types exist, fragments do not run in circles)."""
    root = {
        "query": schema.get_query_type,
        "mutation": schema.get_mutation_type,
        "subscription": schema.get_subscription_type,
    }[operation.operation]()
    planner = _Planner(schema, fragments)
    per_field = MUTATION_COST if operation.operation == "mutation" else 1
    # without a root type (a subscription) the executor is going to refuse
    priced = planner.price(root, operation.selection_set, per_field) if root else _Priced()
    definitions = operation.variable_definitions or ()
    return OperationPlan(
        depth=priced.depth,
        introspection_depth=planner.introspection_depth,
        introspection_fields=planner.introspection_fields,
        defaults={
            node.variable.name.value: _literal(node.default_value)
            for node in definitions
            if node.default_value is not None
        },
        declares_variables=bool(definitions),
        _cost=priced,
    )


class _Planner:
    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._priced: dict[tuple[str, int], _Priced] = {}
        self._nested: dict[str, int] = {}
        self.introspection_depth = 0
        self.introspection_fields = 0

    def price(self, parent: Any, selection_set: Any, per_field: int = 1) -> _Priced:
        total = _Priced()
        for selection in selection_set.selections:
            conditions = _conditions(selection.directives)
            if conditions is None:  # @skip(if: true)
                continue
            if isinstance(selection, ast.Field):
                part = self._price_field(parent, selection, per_field)
            elif isinstance(selection, ast.FragmentSpread):
                part = self._price_fragment(selection.name.value, per_field)
            else:
                inner = self._condition_type(selection, parent)
                part = self.price(inner, selection.selection_set, per_field)
            if conditions and (part.known or part.open):
                part = _Priced(0, [_Open(0, part, conditions=conditions)], part.depth)
            total.add(part)
        return total

    def _price_fragment(self, name: str, per_field: int) -> _Priced:
        # A fragment with open parts is wrapped, so that its price is found once and remembered, not copied about.
        key = (name, per_field)
        if key not in self._priced:
            fragment = self._fragments[name]
            inner = self.price(self._condition_type(fragment, None), fragment.selection_set, per_field)
            self._priced[key] = _Priced(0, [_Open(0, inner)], inner.depth) if inner.open else inner
        return self._priced[key]

    def _condition_type(self, node: Any, otherwise: Any) -> Any:
        return type_from_ast(self._schema, node.type_condition) if node.type_condition else otherwise

    def _price_field(self, parent: Any, node: Any, per_field: int) -> _Priced:
        name = node.name.value
        if name.startswith("__"):
            if node.selection_set:
                self.introspection_fields += 1
                self.introspection_depth = max(self.introspection_depth, self._lists(node.selection_set))
            return _Priced()
        definition = parent.fields[name]
        if not node.selection_set:
            return _Priced(per_field, depth=1)
        inner_type = get_named_type(definition.type)
        below = self.price(inner_type, node.selection_set)
        depth = below.depth + 1
        if _is_page(definition, inner_type):
            page = tuple(_argument(node, argument) for argument in PAGE_ARGUMENTS)
            fixed = not any(isinstance(value, _Name) for value in page)
            part = _Open(
                per_field, below, factor=_page_size(page, {}) if fixed else 1, page=() if fixed else page
            )
        else:
            is_edges = name == "edges"  # already multiplied by the size of the page
            part = _Open(
                per_field, below, factor=LIST_SIZE if _is_list(definition.type) and not is_edges else 1
            )
        if part.page or below.open:
            return _Priced(0, [part], depth)
        return _Priced(part.price({}, {}), depth=depth)

    def _lists(self, selection_set: Any) -> int:
        deepest = 0
        for node in selection_set.selections:
            if isinstance(node, ast.FragmentSpread):
                name = node.name.value
                if name not in self._nested:
                    self._nested[name] = self._lists(self._fragments[name].selection_set)
                below = self._nested[name]
            elif node.selection_set:
                below = self._lists(node.selection_set)
                below += isinstance(node, ast.Field) and node.name.value in INTROSPECTION_LISTS
            else:
                continue
            deepest = max(deepest, below)
        return deepest


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of a variable, where a value would stand."""

    name: str


def _literal(node: Any) -> Any:
    """The value of a literal as far as pages and conditions need it; a variable as its name."""
    if isinstance(node, ast.Variable):
        return _Name(node.name.value)
    if isinstance(node, ast.IntValue):
        return int(node.value)
    return getattr(node, "value", None)


def _argument(node: Any, name: str) -> Any:
    for argument in node.arguments or ():
        if argument.name.value == name:
            return _literal(argument.value)
    return None


def _conditions(directives: Iterable[Any] | None) -> tuple[tuple[bool, str], ...] | None:
    """The variables that have to be so for a selection to be asked for; None if it never is."""
    needed = []
    for directive in directives or ():
        kind = directive.name.value
        if kind not in ("include", "skip"):
            continue
        wanted = kind == "include"
        value = _argument(directive, "if")
        if isinstance(value, _Name):
            needed.append((wanted, value.name))
        elif isinstance(value, bool) and value is not wanted:
            return None
    return tuple(needed)


def _page_size(page: tuple[Any, ...], values: Variables) -> int:
    limit: int = graphene_django.graphene_settings.RELAY_CONNECTION_MAX_LIMIT or 100
    sizes = [values.get(value.name) if isinstance(value, _Name) else value for value in page]
    asked = [size for size in sizes if isinstance(size, int) and not isinstance(size, bool)]
    return max(0, min(max(asked), limit)) if asked else limit


def _is_page(definition: Any, inner_type: Any) -> bool:
    return "first" in definition.args and "edges" in getattr(inner_type, "fields", ())


def _is_list(kind: Any) -> bool:
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)
