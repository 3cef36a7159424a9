"""The view at ``/graphql/``: stock Saleor's answers, for less work, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import opentracing
import opentracing.tags
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.views.generic import View
from graphene_django import settings as graphene_django
from graphene_django.views import instantiate_middleware
from graphql import get_default_backend
from graphql.backend import core as graphql_backend
from graphql.execution import ExecutionResult
from graphql.execution.middleware import MiddlewareManager
from saleor.graphql.middleware import JWTMiddleware, OpentracingGrapheneMiddleware, app_middleware
from saleor.graphql.views import GraphQLView, tracing_wrapper

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.request import bind_request
from saleor_o2o.kernel.scope import viewing

from .authentication import actor_of, identify
from .documents import Document, load
from .errors import GraphqlErrorCode, malformed, present
from .loaders import provide_loaders

#: What stock does at every field and this view does once per request.
ONCE_PER_REQUEST = (JWTMiddleware, app_middleware)

JsonObject = dict[str, Any]


@lru_cache(maxsize=32)
def middleware_for(declared: tuple[Any, ...], traced: bool) -> MiddlewareManager | None:
    """The declared middleware without what is done once per request; made once. None if nothing is left."""
    skipped = ONCE_PER_REQUEST if traced else (*ONCE_PER_REQUEST, OpentracingGrapheneMiddleware)
    kept = [item for item in declared if item not in skipped]
    return MiddlewareManager(*instantiate_middleware(kept)) if kept else None


def is_traced() -> bool:
    """Whether somebody has configured a tracer; OpenTracing's own one does nothing."""
    return type(opentracing.global_tracer()) is not opentracing.Tracer


class PlatformGraphQLView(GraphQLView):
    """Stock's view with one authentication per request, cached documents, limits and errors in clear words.

    What stock answers, it answers in the same bytes. Differences, all of them where stock fails: a request that cannot
    be read is a 400 and not a 500; an unexpected error in a resolver does not show its text outside development;
    operations beyond ``settings.O2O_GRAPHQL`` are refused.

    The seam for caching answers: :meth:`execute_document` gets a document that is known to be valid and within limits,
    its operation's key, the variables, and a request with its user and app. A cache of public reads goes there, keyed
    by document, variables and what the answer depends on (language, country, currency), and only for nobody.
    """

    schema: Any = None
    HANDLED_EXCEPTIONS = (*GraphQLView.HANDLED_EXCEPTIONS, DomainError)

    def __init__(
        self,
        schema: Any = None,
        executor: Any = None,
        middleware: Any = None,
        root_value: Any = None,
        backend: Any = None,
    ) -> None:
        # Django makes a view for each request; stock's __init__ makes its middleware anew each time.
        View.__init__(self)
        self.schema = self.schema or schema or graphene_django.graphene_settings.SCHEMA
        self.executor = executor
        self.root_value = root_value
        self.backend = backend or get_default_backend()
        self.declared = tuple(
            graphene_django.graphene_settings.MIDDLEWARE if middleware is None else middleware
        )
        self._identified: bool | None = None

    # -- the request ------------------------------------------------------------------

    def handle_query(self, request: HttpRequest) -> JsonResponse:
        """Answer a POST; in spans, as stock, if there is a tracer."""
        if is_traced():
            return cast(JsonResponse, super().handle_query(request))
        return self._handle_query(request)

    def _handle_query(self, request: HttpRequest) -> JsonResponse:
        try:
            data = self.parse_body(request)
        except ValueError:
            return self._refuse("Unable to parse query.")  # stock's words
        except (RecursionError, SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
            return self._refuse(malformed(_("请求内容无法读取：格式错误、过大或不完整")))
        if not isinstance(data, list):
            result, status = self.get_response(request, data)
            return JsonResponse(data=result, status=status, safe=False)
        most = settings.O2O_GRAPHQL["MAX_BATCH"]
        if len(data) > most:
            message = _("一次最多提交 %(most)s 个操作，收到 %(count)s 个") % {
                "most": most,
                "count": len(data),
            }
            return self._refuse(
                DomainError(GraphqlErrorCode.BATCH_TOO_LARGE, message, hint=_("请分几次提交"))
            )
        answers = [self.get_response(request, entry) for entry in data]
        status = max((code for _answer, code in answers), default=200)
        return JsonResponse(data=[answer for answer, _code in answers], status=status, safe=False)

    def _refuse(self, error: object) -> JsonResponse:
        return JsonResponse(data={"errors": [self.format_error(error)]}, status=400)

    @staticmethod
    def get_graphql_params(request: HttpRequest, data: Any) -> tuple[Any, Any, Any]:
        """Query, variables and operation name of one entry, read as stock reads them.

        Raises :class:`DomainError` where stock would fail on what it was sent.
        """
        if not isinstance(data, Mapping):
            raise malformed(_("请求内容必须是 JSON 对象，或由 JSON 对象组成的数组"))
        try:
            params = GraphQLView.get_graphql_params(request, data)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            # only the parts of a multipart request are parsed there
            raise malformed(_("上传请求中的 operations 或 map 格式不正确")) from None
        return cast(tuple[Any, Any, Any], params)

    # -- one operation ----------------------------------------------------------------

    def execute_graphql_request(self, request: HttpRequest, data: Any) -> ExecutionResult:
        """Run one operation and return its result; ``invalid`` (a 400) if it could not be run."""
        if not is_traced():
            return self._run(request, data)
        with opentracing.global_tracer().start_active_span("graphql_query") as scope:
            span = scope.span
            span.set_tag(opentracing.tags.COMPONENT, "GraphQL")
            with connection.execute_wrapper(tracing_wrapper):
                return self._run(request, data, span)

    def _run(self, request: HttpRequest, data: Any, span: Any = None) -> ExecutionResult:
        try:
            query, variables, operation_name = self.get_graphql_params(request, data)
            if not query or not isinstance(query, str):
                raise ValueError("Must provide a query string.")  # stock's words
            document = load(self.schema, query)
        except Exception as error:  # noqa: BLE001 - whatever the parser or a validation rule trips over is a bad query
            return ExecutionResult(errors=[error], invalid=True)
        if span is not None:
            span.set_tag("graphql.query", query[: settings.OPENTRACING_MAX_QUERY_LENGTH_LOG])
        if document.errors:
            return ExecutionResult(errors=list(document.errors), invalid=True)
        try:
            variables = self._check(document, variables, operation_name)
            return self.execute_document(request, document, variables, operation_name)
        except Exception as error:  # noqa: BLE001 - as in stock: an operation that cannot be run is a 400
            if span is not None:
                span.set_tag(opentracing.tags.ERROR, True)
            return ExecutionResult(errors=[error], invalid=True)

    @staticmethod
    def _check(document: Document, variables: Any, operation_name: Any) -> JsonObject:
        """The variables, if they can be used at all and keep the operation within the limits."""
        plan = document.plans.get(document.choose(operation_name))
        if not variables or (plan is not None and not plan.declares_variables):
            variables = {}  # stock does not look at what is not declared
        elif not isinstance(variables, Mapping):
            raise malformed(_("variables 必须是 JSON 对象"))
        if plan is not None:  # else the executor says what is wrong with the name
            plan.check(variables)
        return cast(JsonObject, variables)

    def execute_document(
        self, request: HttpRequest, document: Document, variables: JsonObject, operation_name: Any
    ) -> ExecutionResult:
        """Run a valid document. The place to answer from a cache instead."""
        if self._identified is None:
            self._identified = identify(request)
            provide_loaders(request)
        options: JsonObject = {"executor": self.executor} if self.executor else {}
        with bind_request(actor=actor_of(request)), viewing(request.user):
            # looked up on its module, where stock's backend finds it too
            return graphql_backend.execute_and_validate(
                self.schema,
                document.tree,
                root_value=self.get_root_value(),
                context_value=request,
                variable_values=variables,
                operation_name=operation_name,
                middleware=self._middleware(),
                validate=False,
                **options,
            )

    def _middleware(self) -> Any:
        if self._identified:
            return middleware_for(self.declared, is_traced())
        # A refused token is an error at every field at the root, unless the field is open to everybody.
        return list(instantiate_middleware(self.declared))

    @classmethod
    def format_error(cls, error: object) -> JsonObject:
        """Stock's format, with our codes for our errors and without the insides of unexpected ones."""
        return present(error, super().format_error(error))
