"""Writing the product manual, chapter by chapter; every chapter saves a draft of its own."""

from typing import Any

from django import forms
from django.urls import path, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound
from exchange.catalog import rules
from exchange.catalog.chapters.definition import Chapter, ManualField
from exchange.catalog.manual import MANUAL_FIELDS, manual_chapters, manual_of, read_manual
from exchange.catalog.models import Product
from exchange.catalog.services import create_product, edit_product
from exchange.parties.queries import get_organization
from exchange.vault.queries import objects_visible_to
from exchange.vault.services import store_object
from exchange.vault.states import ObjectState, Purpose
from exchange.web.forms.manual import DOCUMENT_MOST, chapter_form, uploads_of, values_of
from exchange.web.pages import FormPage

from .owned import PROVIDER, own_product, product_crumbs

LABELS = {field.name: field.label for field in MANUAL_FIELDS}


class Manual(FormPage):
    """One chapter of the manual, of a new product or of one that is still described."""

    roles = PROVIDER
    template_name = "provider/manual.html"
    product: Product | None = None
    chapter: Chapter = Chapter.IDENTITY

    def load(self, **kwargs: Any) -> None:
        if "reference" in kwargs:
            self.product = own_product(self.actor, kwargs["reference"])
            refusal = rules.why_not_edit(self.actor, self.product)
        else:
            refusal = rules.why_not_create(self.actor, self.actor.organization)
        if refusal:
            raise NotAllowed(refusal)
        try:
            self.chapter = Chapter(kwargs.get("chapter", Chapter.IDENTITY).upper())
        except ValueError:
            raise NotFound from None

    @property
    def chapters(self) -> list[tuple[Chapter, list[ManualField]]]:
        """The chapters that concern this type of product and have fields."""
        kind = self.product.product_type if self.product else ""
        return [(chapter, fields) for chapter, fields in manual_chapters(kind) if fields]

    @property
    def fields(self) -> list[ManualField]:
        """The fields of this chapter."""
        return next((fields for chapter, fields in self.chapters if chapter == self.chapter), [])

    def initial(self) -> dict[str, Any]:
        if self.product is None:
            return {}
        return manual_of(self.product) | {"version": self.product.version}

    def get_form(self) -> forms.Form:
        kept = objects_visible_to(self.actor).filter(
            purpose__in=[Purpose.DOCUMENT, Purpose.EVIDENCE], status=ObjectState.STORED
        )
        form = chapter_form(self.fields, list(kept.order_by("-stored_at")[:100]))
        if self.request.method == "POST":
            return form(self.request.POST, self.request.FILES, initial=self.initial())
        return form(initial=self.initial())

    def act(self, form: forms.Form) -> str:
        try:
            self._save(form)
        except Conflict as conflict:
            now = self.product.version if self.product else ""
            form.data = MultiValueDict({**dict(self.request.POST.lists()), "version": [str(now)]})
            raise Conflict(
                _("%(reason)s Compare it in another window; sending again puts yours over it.")
                % {"reason": conflict.message}
            ) from None
        except Invalid as error:
            raise _named(error, form) from None
        return self._onward()

    def _save(self, form: forms.Form) -> None:
        said = values_of(form, self.fields)
        if self.product is None:
            read_manual(said)
            provider = get_organization(self.actor.organization)
            said |= self._keep_files(form)
            self.product = create_product(
                provider=provider, manual=said, by=self.actor, at=self.now
            )
            return
        read_manual(said, complete=False)
        edit_product(
            product=self.product,
            changes=said | self._keep_files(form),
            expected_version=form.cleaned_data.get("version") or 0,
            by=self.actor,
            at=self.now,
        )

    def _keep_files(self, form: forms.Form) -> dict[str, str]:
        return {
            name: store_object(
                source=file,
                filename=file.name,
                purpose=Purpose.DOCUMENT,
                owner=self.actor.organization,
                max_bytes=DOCUMENT_MOST,
                by=self.actor,
                at=self.now,
            ).reference
            for name, file in uploads_of(form).items()
        }

    def _onward(self) -> str:
        assert self.product is not None  # noqa: S101  saved just now
        order = [chapter for chapter, _fields in self.chapters]
        place = order.index(self.chapter) + 1 if self.chapter in order else len(order)
        if self.request.POST.get("onward") == "next" and place < len(order):
            return _url(self.product, order[place])
        return reverse("provider_product", args=[self.product.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = manual_of(self.product) if self.product else {}
        kwargs["chapter"] = self.chapter  # instead of its name in the address
        return super().get_context_data(
            product=self.product,
            crumbs=product_crumbs(self.product),
            chapters=[
                {
                    "label": chapter.label,
                    "here": chapter == self.chapter,
                    "url": _url(self.product, chapter) if self.product else "",
                    "missing": sum(
                        field.required_to_list and said.get(field.name) == field.empty
                        for field in fields
                    )
                    if self.product
                    else 0,
                }
                for chapter, fields in self.chapters
            ],
            last=bool(self.chapters) and self.chapter == self.chapters[-1][0],
            **kwargs,
        )


def _url(product: Product, chapter: Chapter) -> str:
    return reverse("provider_manual", args=[product.reference, chapter.lower()])


def _named(error: Invalid, form: forms.Form) -> Invalid:
    """Say of which field a message is that belongs to another chapter."""
    told: dict[str, list[str]] = {}
    for name, texts in error.fields.items():
        label = "" if name.partition(".")[0] in form.fields else f"{LABELS.get(name, name)}: "
        told[name] = [f"{label}{text}" for text in texts]
    return Invalid(told)


urlpatterns = [
    path("provider/products/new/", Manual.as_view(), name="provider_product_new"),
    path(
        "provider/products/<str:reference>/manual/<str:chapter>/",
        Manual.as_view(),
        name="provider_manual",
    ),
]
