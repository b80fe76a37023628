"""What is shown of a release's content: its sample and profile, as far as the place allows."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from exchange.catalog.models import Release
from exchange.catalog.profiles import shown_profile
from exchange.compliance.accesses import why_not_shown

ANYWHERE = "UNKNOWN"


class ShownOut(serializers.Serializer[Any]):
    """Sample and profile of a release. Subclasses name the release; a view names the place."""

    sample = serializers.SerializerMethodField(help_text="masked rows; null where none are shown")
    profile = serializers.SerializerMethodField(help_text="without values that identify persons")
    withheld = serializers.SerializerMethodField(
        help_text="why rows and values are not shown where this is read from; else empty"
    )

    def release_of(self, row: Any) -> Release | None:
        """Return the release that is shown."""
        raise NotImplementedError

    def get_sample(self, row: Any) -> dict[str, Any] | None:
        """Return the masked rows."""
        release = self.release_of(row)
        return None if release is None or self.get_withheld(row) else release.sample

    def get_profile(self, row: Any) -> dict[str, Any] | None:
        """Return what may be shown of the columns."""
        release = self.release_of(row)
        if release is None:
            return None
        return shown_profile(release, values=not self.get_withheld(row))

    def get_withheld(self, row: Any) -> str:
        """Return why rows and values are withheld."""
        release, place = self.release_of(row), self.context.get("place", ANYWHERE)
        if release is None:
            return ""
        return why_not_shown(release, place=place, at=timezone.now()) or ""
