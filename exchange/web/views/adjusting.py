"""The price adjustment in the provider's console: what the price follows, its steps, its freeze."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit.log.errors import DomainError
from exchange.trading import services
from exchange.trading.adjusting import Silence, standing_of, work_out
from exchange.trading.price_history import preview
from exchange.web.components import Head
from exchange.web.forms.adjusting import ChoiceForm, choice_of
from exchange.web.forms.plain import PlainForm
from exchange.web.forms.reasons import ReasonForm
from exchange.web.price_moves import COLUMNS, flights_of_preview, story_of
from exchange.web.price_silences import SILENCES
from pricing.adjustment import queries
from pricing.adjustment.rules import Choice, percent, why_not_adjust, why_not_answer
from pricing.adjustment.services import decline_step, lift_freeze
from pricing.adjustment.states import FreezeAuthority, FreezeScope, PriceStepState
from pricing.adjustment.wording import explain, triggers_text

from .desk import Decision, Desk
from .owned import OfProduct, product_crumbs

PREVIEW = "preview"


class PriceAdjustment(OfProduct, Desk):
    """Switch on and off, preview, answer steps, freeze."""

    template_name = "provider/adjustment.html"

    @property
    def here(self) -> str:
        """This page."""
        return reverse("provider_adjustment", args=[self.product.reference])

    def decisions(self) -> list[Decision]:
        may = why_not_adjust(self.actor, self.product.provider.reference)
        return [*self._answers(), self._choose(may), *self._end(may), self._freeze(may)]

    def _answers(self) -> list[Decision]:
        step = queries.pending_step(self.product.reference)
        if step is None:
            return []
        reason = why_not_answer(self.actor, step)
        answers = []
        if step.status == PriceStepState.PROPOSED:
            answers.append(
                Decision(
                    name="consent",
                    title=_("Agree to the step"),
                    note=_("It is announced at once and takes effect after its notice."),
                    verb=_("Agree"),
                    form_class=PlainForm,
                    call=lambda _said: services.consent_to(step=step, by=self.actor, at=self.now),
                    done=_("The change is announced."),
                    onward=self.here,
                    reason=reason,
                )
            )
        answers.append(
            Decision(
                name="decline",
                title=_("Decline the step"),
                note=_("Your price stays; buyers read the reason."),
                verb=_("Decline"),
                form_class=ReasonForm,
                call=lambda said: decline_step(
                    step=step, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("The step is declined; your price stays."),
                onward=self.here,
                reason=reason,
                folded=True,
            )
        )
        return answers

    def _choose(self, may: str | None) -> Decision:
        return Decision(
            name="choose",
            title=_("What the price follows"),
            note=_("What follows is announced first; you may decline each step."),
            verb=_("Let the price follow"),
            preview=_("Show what it would have done"),
            form_class=ChoiceForm,
            call=lambda said: services.choose_adjustment(
                product=self.product, choice=choice_of(dict(said)), by=self.actor, at=self.now
            ),
            done=_("The price follows what you chose."),
            onward=self.here,
            reason=may,
            initial=self._before(),
        )

    def _before(self) -> Mapping[str, Any]:
        current = queries.current_adjustment(self.product.reference)
        if current is None:
            return {}
        return {
            "triggers": current.triggers,
            "step_most": current.step_most_rate,
            "floor": current.floor_amount,
            "ceiling": current.ceiling_amount,
        }

    def _end(self, may: str | None) -> list[Decision]:
        if queries.current_adjustment(self.product.reference) is None:
            return []
        return [
            Decision(
                name="end",
                title=_("Switch it off"),
                note=_("The price stays where it is; what is announced lapses."),
                verb=_("Switch off"),
                form_class=PlainForm,
                call=lambda _said: services.end_adjustment(
                    product=self.product, by=self.actor, at=self.now
                ),
                done=_("The price follows nothing any more."),
                onward=self.here,
                reason=may,
                folded=True,
            )
        ]

    def _freeze(self, may: str | None) -> Decision:
        frozen = self._own_freeze()
        if frozen is not None:
            return Decision(
                name="lift",
                title=_("Lift your freeze"),
                note=_("Nothing that lapsed comes back by itself."),
                verb=_("Lift"),
                form_class=ReasonForm,
                call=lambda said: lift_freeze(
                    freeze=frozen, reason=said["reason"], by=self.actor, at=self.now
                ),
                done=_("The freeze is lifted."),
                onward=self.here,
                reason=may,
                folded=True,
            )
        return Decision(
            name="freeze",
            title=_("Freeze this price"),
            note=_("Nothing moves by itself until you lift it; what is announced lapses."),
            verb=_("Freeze"),
            form_class=ReasonForm,
            call=lambda said: services.freeze_product(
                product=self.product, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The price is frozen."),
            onward=self.here,
            reason=may,
            danger=True,
            folded=True,
        )

    def _own_freeze(self) -> Any:
        rows = queries.freezes_on(self.product.reference, self.product.industry)
        own = rows.filter(authority=FreezeAuthority.PROVIDER, scope=FreezeScope.PRODUCT)
        return own.first()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Act; the button of the preview only shows what a choice would have made."""
        if PREVIEW in request.POST:
            form = self._choose(None).form(request.POST)
            shown = choice_of(form.cleaned_data) if form.is_valid() else None
            context = self.get_context_data(sent={"choose": form}, tried=shown)
            return self.render_to_response(context, status=200 if shown else 422)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        current = queries.current_adjustment(product.reference)
        step = queries.pending_step(product.reference)
        tried: Choice | None = kwargs.pop("tried", None)
        if tried is None and current is not None:
            tried = Choice(
                triggers=tuple(current.triggers),
                step_most=current.step_most_rate,
                floor=current.floor_amount,
                ceiling=current.ceiling_amount,
            )
        standing = standing_of(product, at=self.now)
        foreseen = preview(product, tried, at=self.now) if tried else None
        return super().get_context_data(
            head=Head(
                title=_("Price adjustment"),
                kind=product.name,
                reference=product.reference,
                status=current.status if current else "",
                status_label=current.get_status_display() if current else "",
                lifecycle="adjustment",
                since=current.set_at if current else None,
                summary=_("Let the price follow its market by announced steps, within bounds."),
                crumbs=product_crumbs(product),
            ),
            current=current,
            followed=triggers_text(current.triggers) if current else "",
            step=step,
            step_words=explain(step) if step else [],
            silence=self._silence(current) if current and not step else "",
            freezes=list(queries.freezes_on(product.reference, product.industry)),
            foreseen=foreseen,
            flights=flights_of_preview(foreseen) if foreseen else [],
            story=story_of(product, at=self.now),
            columns=COLUMNS,
            step_most=percent(standing.policy.adjustment.step_most) if standing else "",
            pack=standing.policy.label if standing else "",
            past=list(queries.list_steps(product.reference)[:20]),
            **kwargs,
        )

    def _silence(self, current: Any) -> str:
        """Return in words why no step is pending."""
        try:
            found = work_out(self.product, current, at=self.now)
        except DomainError as refusal:
            return str(refusal)
        if isinstance(found, Silence):
            return str(SILENCES[found])
        return _("A step follows with the next daily working.")


PLACE = "provider/products/<str:reference>/adjustment/"
urlpatterns = [path(PLACE, PriceAdjustment.as_view(), name="provider_adjustment")]
