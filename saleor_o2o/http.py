"""Middleware of the platform: request ids for everything, sessions for the back office only."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.module_loading import import_string

from saleor_o2o.composition import active
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.plugin_configurations import read_once

Handler = Callable[[HttpRequest], HttpResponse]

_ACCEPTED_ID = re.compile(r"[0-9A-Za-z_-]{8,64}\Z")
SESSION_PATHS = ("/admin/",)


def request_id(get_response: Handler) -> Handler:
    """Give every request an id: the caller's ``X-Request-ID`` if well-formed, else a new one; answer with it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        ident = given if _ACCEPTED_ID.match(given) else uuid.uuid4().hex
        with bind_request(request_id=ident, ip=request.META.get("REMOTE_ADDR")):
            response = get_response(request)
        response["X-Request-ID"] = ident
        return response

    return middleware


def plugin_configurations(get_response: Handler) -> Handler:
    """Read Saleor's plugin configurations once in a request, not at each of stock's many plugin managers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with read_once():
            return get_response(request)

    return middleware


def _own_language(get_response: Handler) -> Handler:
    """The back office speaks the platform's language, whatever the browser prefers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            return get_response(request)

    return middleware


def _bind_actor(get_response: Handler) -> Handler:
    """Whatever a page of the back office does is done by whoever is logged in: moves and audit lines name the user."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with bind_request(actor=actor_label(request.user)):
            return get_response(request)

    return middleware


def admin_session(get_response: Handler) -> Handler:
    """Sessions, CSRF, login and messages for the back office; every other path never sees a cookie's user.

    The API authenticates by token alone and is exempt from CSRF checks, so a browser's back-office cookie must mean
    nothing there.
    """
    chain: Handler = get_response
    for layer in (
        *(import_string(path) for plugin in active() for path in plugin.admin_layers),
        XFrameOptionsMiddleware,
        MessageMiddleware,
        _bind_actor,
        AuthenticationMiddleware,
        CsrfViewMiddleware,
        _own_language,
        SessionMiddleware,
    ):
        chain = layer(chain)

    def middleware(request: HttpRequest) -> HttpResponse:
        return chain(request) if request.path.startswith(SESSION_PATHS) else get_response(request)

    return middleware
