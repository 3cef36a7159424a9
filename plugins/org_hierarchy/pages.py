"""Pages without a login: setting the first password.

They stand outside /admin/, where there is no session: the mailed token in the form is what proves the right to it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from saleor_o2o.kernel.errors import DomainError

from .services.activation import activate


@csrf_exempt
@never_cache
def activation(request: HttpRequest) -> HttpResponse:
    """The form of the mailed link, and its answer. The address names the login and the token, as stock's mails do."""
    given = request.POST if request.method == "POST" else request.GET
    shown = {"email": given.get("email", "")[:254], "token": given.get("token", "")[:200]}
    problem, done = "", False
    if request.method == "POST":
        password = request.POST.get("password", "")
        if password != request.POST.get("again", ""):
            problem = str(_("两次输入的密码不一致"))
        else:
            try:
                activate(shown["email"], shown["token"], password)
                done = True
            except DomainError as error:
                problem = f"{error.message}。{error.hint or ''}"
    response = render(request, "o2o_org_hierarchy/activate.html", {**shown, "problem": problem, "done": done})
    # the token must not travel on
    response["Referrer-Policy"] = "no-referrer"
    return response


urlpatterns = [path("activate/", activation, name="o2o-org-activate")]
