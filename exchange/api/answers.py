"""Files as answers: whole, as they are kept, and never to be shown by a browser."""

from django.http import StreamingHttpResponse

from exchange.vault.services import ObjectReader


def file_answer(reader: ObjectReader, *, name: str, size: int) -> StreamingHttpResponse:
    """Return the bytes of an object as a file to keep; the reader is closed with the answer."""
    answer = StreamingHttpResponse(reader.stream(), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Length"] = str(size)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
