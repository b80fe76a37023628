"""What a model is and was trained on, in the provider's console."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from exchange.catalog import rules
from exchange.catalog.queries import training_of
from exchange.catalog.training_fields import TRAINING_FIELDS
from exchange.catalog.vocabulary import SourceGrade, SourceRights
from exchange.compliance.papers import disclosure_of
from exchange.registry.states import PersonalBasis
from exchange.trading.services import state_model_training
from exchange.web.forms.fields import form_of, sent

from .owned import ProductForm

CODES = (SourceRights, PersonalBasis, SourceGrade)
"""What the columns of a line choose among."""


class StateTraining(ProductForm):
    """Disclosure, file and training data of a model."""

    template_name = "provider/training.html"
    title = gettext_lazy("What the model is and was trained on")
    verb = gettext_lazy("State the training data")
    done = gettext_lazy("It is stated. The filter reads it with the next release.")
    lead = gettext_lazy(
        "A model is traded under a disclosure in force that is about exactly its file, with every "
        "source of its training data and the right to train on it "
        "(《生成式人工智能服务管理暂行办法》第七条)."
    )

    def why_not(self) -> str | None:
        return rules.why_not_upload(self.actor, self.product) or rules.why_no_model(self.product)

    def get_form(self) -> forms.Form:
        form = form_of("TrainingForm", TRAINING_FIELDS)
        if self.request.method == "POST":
            return form(self.request.POST, initial=self.initial())
        return form(initial=self.initial())

    def initial(self) -> dict[str, Any]:
        held = training_of(self.product)
        if held is None:
            newest = self.product.releases.order_by("-number").first()
            return {"model_sha256": newest.sha256} if newest else {}
        return {
            "algorithm": held.algorithm,
            "model_sha256": held.model_sha256,
            "sources": held.sources,
        }

    def act(self, form: forms.Form) -> str:
        state_model_training(
            product=self.product,
            statement=sent(form, TRAINING_FIELDS),
            by=self.actor,
            at=self.now,
        )
        return reverse("provider_product", args=[self.product.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = training_of(self.product)
        return super().get_context_data(
            codes=[choices.choices for choices in CODES],
            held=held,
            disclosure=disclosure_of(self.product, held),
            **kwargs,
        )


urlpatterns = [
    path(
        "provider/products/<str:reference>/training/",
        StateTraining.as_view(),
        name="provider_training",
    ),
]
