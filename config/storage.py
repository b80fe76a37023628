"""The object store, as the log's files need it."""

from typing import Any

from storages.backends.s3 import S3Storage


class LogStorage(S3Storage):  # type: ignore[misc]  # the package has no types
    """Says of each file how long it may be kept: a checkpoint is soon another, a tile never."""

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Return what is sent with the object."""
        age = "max-age=2" if name.endswith("/checkpoint") else "max-age=31536000, immutable"
        return {**super().get_object_parameters(name), "CacheControl": f"public, {age}"}
