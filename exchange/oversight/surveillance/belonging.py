"""What alerts belong to: a hold on whom an alert concerns holds the alert."""

from collections.abc import Iterable

from audit.retention.belonging import Thing, belongs

from .models import Alert


@belongs("alert")
def things_of_alert(reference: str) -> Iterable[Thing]:
    """Name whom and what an alert concerns, and the algorithm that raised it."""
    for row in Alert.objects.filter(reference=reference).prefetch_related("subjects"):
        for subject in row.subjects.all():
            yield subject.kind, subject.reference
        yield "disclosure", row.disclosure
        yield "decision", row.decision
