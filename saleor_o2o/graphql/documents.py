"""Parsed and validated documents, kept: clients send the same few texts for ever, with other variables.

Validation does not look at variables, so its result holds for every later request. Cached documents are only read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from graphql.language import ast
from graphql.language.base import parse
from graphql.type import GraphQLSchema
from graphql.validation import validate

from saleor_o2o.kernel.errors import DomainError

from .errors import GraphqlErrorCode
from .limits import OperationPlan, plan_operation

#: Characters of a text beyond which it is not kept: such texts carry data inline and do not come twice.
LARGEST_KEPT = 64_000
#: Characters of all kept texts together; a parsed text takes about fifty times its length in memory.
LARGEST_SUM = 1_000_000
#: Characters and selections of a text beyond which it is not even validated (validation compares them in pairs).
LARGEST_TEXT = 256_000
MOST_SELECTIONS = 2_000


@dataclass(frozen=True, slots=True)
class Document:
    """A text parsed and validated against one schema, with the plans to price its operations."""

    text: str
    tree: Any
    errors: tuple[Any, ...]
    operations: dict[str | None, Any]
    plans: dict[str | None, OperationPlan]

    def choose(self, name: Any) -> str | None:
        """The key of the operation that will run; None if the executor is going to refuse (or it has no name)."""
        if not name and len(self.operations) == 1:
            return next(iter(self.operations))
        return name if isinstance(name, str) and name in self.operations else None


class DocumentCache:
    """The most recently used documents of any schema; bounded in number and in characters; safe between threads."""

    def __init__(self, size: int, characters: int = LARGEST_SUM) -> None:
        self._size = size
        self._characters = characters
        self._held = 0
        self._kept: OrderedDict[tuple[int, str], tuple[GraphQLSchema, Document]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, schema: GraphQLSchema, text: str) -> Document | None:
        """A kept document, which is now the most recently used one."""
        key = (id(schema), text)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, schema: GraphQLSchema, document: Document) -> None:
        """Keep a valid document that is not too large, dropping the least recently used ones."""
        text = document.text
        if document.errors or len(text) > min(LARGEST_KEPT, self._characters) or not self._size:
            return
        with self._lock:
            # the schema is kept too, so that its id cannot be given to another one meanwhile
            if (id(schema), text) in self._kept:
                return
            self._kept[id(schema), text] = (schema, document)
            self._held += len(text)
            while len(self._kept) > self._size or self._held > self._characters:
                (_id, dropped), _value = self._kept.popitem(last=False)
                self._held -= len(dropped)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._held = 0


documents = DocumentCache(settings.O2O_GRAPHQL.get("DOCUMENT_CACHE_SIZE", 1000))


def load(schema: GraphQLSchema, text: str, cache: DocumentCache = documents) -> Document:
    """The document for a text, from the cache if it is there; ``errors`` holds what validation found.

    Raises stock's ``GraphQLSyntaxError`` for a text that cannot be parsed, and :class:`DomainError` for one that is too
    long, too nested or has too many selections to be looked at.
    """
    found = cache.get(schema, text)
    if found is None:
        try:
            found = _prepare(schema, text)
        except RecursionError:  # the parser and the validator call themselves at every level
            raise DomainError(GraphqlErrorCode.QUERY_TOO_DEEP, _("查询嵌套过深，无法解析")) from None
        cache.put(schema, found)
    return found


def _prepare(schema: GraphQLSchema, text: str) -> Document:
    if len(text) > LARGEST_TEXT:
        raise DomainError(
            GraphqlErrorCode.QUERY_TOO_LARGE,
            _("查询文本过长：最多 %(most)s 个字符") % {"most": LARGEST_TEXT},
            hint=_("请把数据放到变量中"),
        )
    tree = parse(text)
    selections = sum(1 for _each in _selections(tree.definitions))
    if selections > MOST_SELECTIONS:
        raise DomainError(
            GraphqlErrorCode.QUERY_TOO_LARGE,
            _("查询字段过多：%(count)s 个，最多 %(most)s 个")
            % {"count": selections, "most": MOST_SELECTIONS},
            hint=_("请拆成几次请求"),
        )
    fragments = {
        definition.name.value: definition
        for definition in tree.definitions
        if isinstance(definition, ast.FragmentDefinition)
    }
    _refuse_circles(fragments)
    errors = tuple(validate(schema, tree))
    operations: dict[str | None, Any] = {}
    if not errors:
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in tree.definitions
            if isinstance(definition, ast.OperationDefinition)
        }
    plans = {name: plan_operation(schema, node, fragments) for name, node in operations.items()}
    return Document(text, tree, errors, operations, plans)


def _refuse_circles(fragments: dict[str, Any]) -> None:
    """Refuse fragments that use themselves: one of graphql-core's own rules runs in circles on them."""
    uses = {
        name: {node.name.value for node in _selections([definition]) if isinstance(node, ast.FragmentSpread)}
        for name, definition in fragments.items()
    }
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        names = " → ".join(reversed(error.args[1]))
        raise DomainError(
            GraphqlErrorCode.FRAGMENT_CYCLE, _("片段循环引用：%(names)s") % {"names": names}
        ) from None


def _selections(definitions: Iterable[Any]) -> Iterator[Any]:
    """Every field and fragment of definitions as written; without recursion, since they may be nested deeply."""
    waiting = [node.selection_set for node in definitions if getattr(node, "selection_set", None)]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            inner = getattr(node, "selection_set", None)
            if inner:
                waiting.append(inner)
