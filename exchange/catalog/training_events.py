"""What the log says of trained models beside their releases."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("catalog.product.training_stated", label=_("training data of a model stated"))
class TrainingStated(Event):
    """A provider stated under which disclosure a model goes and on what it was trained."""

    product: Ref
    organization: Ref
    statement: Ref
    number: int
    algorithm: str
    model_sha256: str
    sources: int
    statement_sha256: str
