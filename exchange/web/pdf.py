"""Pages as PDF, by WeasyPrint where the extra `pdf` and its system libraries are installed."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

PAGE, DRAWING = "web/print.css", "web/drawing.css"


def why_no_pdf() -> str | None:
    """Say what is missing to make a PDF; None where one can be made."""
    try:
        _library()
    except ImportError:
        return _("PDF is not installed on this exchange: its extra “pdf” is missing.")
    except OSError:
        return _("PDF is not installed on this exchange: the system library Pango is missing.")
    return None


def render_pdf(page: str) -> bytes:
    """Return a page as PDF; nothing outside of it is fetched. RuntimeError where none can be made.

    Drawings take the styles with them: WeasyPrint reads an SVG without the page around it.
    """
    if reason := why_no_pdf():
        raise RuntimeError(reason)
    library = _library()
    nothing = library.urls.URLFetcher(allowed_protocols=frozenset())
    whole = page.replace("<desc", f"<style>{_styles(DRAWING)}</style><desc")
    styles = library.CSS(string=_styles(PAGE), url_fetcher=nothing)
    made: bytes = library.HTML(string=whole, url_fetcher=nothing).write_pdf(stylesheets=[styles])
    return made


def _library() -> ModuleType:
    return import_module("weasyprint")


def _styles(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        message = f"{name} is not among the static files"
        raise TypeError(message)
    return Path(path).read_text(encoding="utf-8")
