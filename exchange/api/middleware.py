"""What every answer of the interface carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .problems import PREFIXES, plain_problem


class PrivateAnswersMiddleware:
    """Keep answers out of caches unless a view said that they may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forbid to store what is not said to be public.

        A body of unknown length is refused: the framework would take it for none.
        """
        if not request.path.startswith(PREFIXES):
            return self.get_response(request)
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            response: HttpResponse = plain_problem(request, "length-required")
        else:
            response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response
