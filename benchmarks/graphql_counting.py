"""A middleware that says in a header how many queries a request made, when it is asked to."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

ASK = "X-Count-Queries"
ANSWER = "X-Queries"


def count_queries(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count only requests that ask: the others are measured and carry nothing extra."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if ASK not in request.headers:
            return get_response(request)
        made = 0

        def counting(execute: Any, *arguments: Any) -> Any:
            nonlocal made
            made += 1
            return execute(*arguments)

        with connection.execute_wrapper(counting):
            response = get_response(request)
        response[ANSWER] = str(made)
        return response

    return middleware
