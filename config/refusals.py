"""Errors outside of any view: as a problem document to programs, as a page to people."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from exchange.api.problems import PREFIXES, plain_problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what breaks the rules of HTTP (400)."""
    if _is_program(request):
        return plain_problem(request, "bad-request")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what a middleware refuses (403)."""
    if _is_program(request):
        return plain_problem(request, "permission-denied")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address (404)."""
    if _is_program(request):
        return plain_problem(request, "not-found")
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a failure of our own (500), without anything of its inside."""
    if _is_program(request):
        return plain_problem(request, "internal-error")
    return defaults.server_error(request)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIXES)
