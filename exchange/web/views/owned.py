"""Pages of the provider's console about one thing of its own organization."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Gone, NotAllowed, NotFound
from exchange.catalog.models import Product
from exchange.catalog.queries import get_product_for
from exchange.web.components import Link
from exchange.web.navigation import address
from exchange.web.pages import FormPage, Page

PROVIDER = ("PROVIDER",)
VIEWER = gettext_lazy("Your place in the organization allows looking only.")


def own_product(actor: Actor, reference: str) -> Product:
    """Return a product of the actor's own organization; NotFound for all others."""
    try:
        product = get_product_for(actor, reference)
    except Gone:
        raise NotFound from None
    if product.provider.reference != actor.organization:
        raise NotFound(_("There is no product %(reference)s.") % {"reference": reference})
    return product


def stand_in(request: HttpRequest, room: str) -> None:
    """Say in which room of a console a page stands whose address does not say it."""
    request.place = address(room)  # type: ignore[attr-defined]


def stand_with_the_watch(request: HttpRequest, actor: Actor) -> None:
    """Stand in the console of the operator or regulator who looks."""
    for role in ("REGULATOR", "OPERATOR"):
        if actor.has_role(role):
            stand_in(request, f"{role.lower()}_overview")


def product_crumbs(product: Product | None = None) -> list[Link]:
    """Return the way from the provider's console to a product."""
    crumbs = [Link(label=_("Data products"), url=reverse("provider_products"))]
    if product is not None:
        url = reverse("provider_product", args=[product.reference])
        crumbs.append(Link(label=product.name, url=url))
    return crumbs


class OfProduct(Page):
    """A page about one own product."""

    roles = PROVIDER
    product: Product

    def load(self, **kwargs: Any) -> None:
        self.product = own_product(self.actor, kwargs["reference"])
        if refusal := self.why_not():
            raise NotAllowed(refusal)

    def why_not(self) -> str | None:
        """Return why this page's act is not open, before anything is typed in."""
        return None

    @property
    def back(self) -> str:
        """The product's page."""
        return reverse("provider_product", args=[self.product.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(product=self.product, back=self.back, **kwargs)
        context.setdefault("crumbs", product_crumbs(self.product))
        return context


class ProductForm(OfProduct, FormPage):
    """A form about one own product; shown as `title`, `lead`, fields and one button."""

    template_name = "provider/form.html"
    title: Any = ""
    lead: Any = ""
    verb: Any = gettext_lazy("Save")
    danger = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title, "lead": self.lead, "verb": self.verb, "danger": self.danger}
        return super().get_context_data(**{**words, **kwargs})
