"""The interface's own description, worked out once for each language and form."""

from functools import lru_cache

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from .pagination import check_parameters

KEPT = "public, max-age=300"


class DescriptionView(SpectacularAPIView):
    """OpenAPI 3.1 as YAML, or as JSON where that is accepted."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Return the description in the caller's language."""
        check_parameters(request, ())
        renderer = request.accepted_renderer
        content = _written(get_language() or "", "json" in renderer.media_type)
        answer = HttpResponse(content, content_type=renderer.media_type)
        answer["Cache-Control"] = KEPT
        return answer


@lru_cache(maxsize=4)
def _written(language: str, as_json: bool) -> str | bytes:  # noqa: ARG001, FBT001  the words are in this language
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    renderer = OpenApiJsonRenderer() if as_json else OpenApiYamlRenderer()
    return renderer.render(schema, None, {})
