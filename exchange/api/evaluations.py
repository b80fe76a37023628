"""Evaluation over REST: sealed sets, models handed in, runs with their progress, public reports."""

from typing import Any

from django.http import StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.disclosure.queries import evaluations_of, get_disclosure_for, get_evaluation
from exchange.algorithms import queries, services
from exchange.algorithms.states import FileKind

from .evaluation_shapes import (
    AlgorithmFileIn,
    AlgorithmFileOut,
    EvaluationOut,
    EvaluationRunIn,
    EvaluationRunOut,
    EvaluationSetIn,
    EvaluationSetOut,
    PurposeIn,
)
from .idempotency import KEY_PARAMETER, idempotent
from .pagination import page_of
from .parsers import UploadParser
from .permissions import Public, actor_of, gate
from .serializers import ReasonIn, page_out, read_input
from .verbs import verb_view

PARQUET = "application/vnd.apache.parquet"


class EvaluationSets(APIView):
    """Sealed evaluation sets."""

    permission_classes = [gate("list", "review", "audit")]
    parser_classes = [UploadParser]

    @extend_schema(
        operation_id="evaluation_sets_list",
        tags=["evaluation"],
        responses=page_out(EvaluationSetOut),
    )
    def get(self, request: Request) -> Response:
        """List them by their descriptions, the latest first."""
        actor = actor_of(request)
        return page_of(
            queries.sets_visible_to(actor),
            request,
            self,
            render=lambda row: EvaluationSetOut(row, context={"actor": actor}).data,
            ordering="-sealed_at",
        )

    @extend_schema(
        operation_id="evaluation_sets_seal",
        tags=["evaluation"],
        request={"multipart/form-data": EvaluationSetIn},
        responses={201: EvaluationSetOut},
    )
    def post(self, request: Request) -> Response:
        """Seal rows: they are read, encrypted, and committed to in the log."""
        actor = actor_of(request)
        values = read_input(EvaluationSetIn, request.data)
        file = values.pop("file")
        made = services.seal_set(
            description=services.SetDescription(**values),
            source=file,
            filename=file.name,
            by=actor,
            at=timezone.now(),
        )
        told = EvaluationSetOut(made, context={"actor": actor})
        return Response(told.data, status=status.HTTP_201_CREATED)


class EvaluationSetDetail(APIView):
    """One sealed set."""

    permission_classes = [gate("read")]

    @extend_schema(
        operation_id="evaluation_sets_read", tags=["evaluation"], responses=EvaluationSetOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return its description, digest and commitment."""
        actor = actor_of(request)
        found = queries.get_set_for(actor, reference)
        return Response(EvaluationSetOut(found, context={"actor": actor}).data)


class OpenEvaluationSet(APIView):
    """The rows themselves, for those who sealed them."""

    permission_classes = [gate("review", "audit")]

    @extend_schema(
        operation_id="evaluation_sets_open",
        tags=["evaluation"],
        request=PurposeIn,
        responses={(200, PARQUET): OpenApiTypes.BINARY},
    )
    def post(self, request: Request, reference: str) -> Any:
        """Take a copy; the log says who took it and what for."""
        actor = actor_of(request)
        found = queries.get_set_for(actor, reference)
        values = read_input(PurposeIn, request.data)
        reader = services.open_set(
            evaluation_set=found, purpose=values["purpose"], by=actor, at=timezone.now()
        )
        answer = StreamingHttpResponse(reader.stream(), content_type=PARQUET)
        answer["Content-Length"] = str(reader.size)
        answer["Cache-Control"] = "no-store"
        answer["Content-Disposition"] = f'attachment; filename="{found.reference}.parquet"'
        return answer


RetireEvaluationSet = verb_view(
    operation="evaluation_sets_retire",
    summary="Let nothing more be measured on a set, for instance because its rows became known",
    permission=gate("review", "audit"),
    load=queries.get_set_for,
    service=services.retire_set,
    argument="evaluation_set",
    takes=ReasonIn,
    output=EvaluationSetOut,
)


class AlgorithmFiles(APIView):
    """Models and rows that one's organization handed in."""

    permission_classes = [gate("list")]
    parser_classes = [UploadParser]

    @extend_schema(
        operation_id="algorithm_files_list",
        tags=["evaluation"],
        responses=page_out(AlgorithmFileOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        rows = queries.files_visible_to(actor_of(request))
        return page_of(
            rows,
            request,
            self,
            render=lambda row: AlgorithmFileOut(row).data,
            ordering="-handed_in_at",
        )

    @extend_schema(
        operation_id="algorithm_files_hand_in",
        tags=["evaluation"],
        request={"multipart/form-data": AlgorithmFileIn},
        responses={201: AlgorithmFileOut},
    )
    def post(self, request: Request) -> Response:
        """Hand in a file; the same bytes handed in again are the file that is there."""
        values = read_input(AlgorithmFileIn, request.data)
        verb = services.hand_in_model if values["kind"] == FileKind.MODEL else services.hand_in_rows
        made = verb(
            source=values["file"],
            filename=values["file"].name,
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(AlgorithmFileOut(made).data, status=status.HTTP_201_CREATED)


class AlgorithmFileDetail(APIView):
    """One file of one's organization."""

    permission_classes = [gate("list")]

    @extend_schema(
        operation_id="algorithm_files_read", tags=["evaluation"], responses=AlgorithmFileOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return what was seen in it; the bytes do not leave by this way."""
        return Response(AlgorithmFileOut(queries.get_file_for(actor_of(request), reference)).data)


class EvaluationRuns(APIView):
    """Measurements of one's own algorithms; those who watch see all on sealed sets."""

    permission_classes = [gate("list", "audit")]
    look = "evaluation_runs"

    @extend_schema(
        operation_id="evaluation_runs_list",
        tags=["evaluation"],
        responses=page_out(EvaluationRunOut),
    )
    def get(self, request: Request) -> Response:
        """List them, the latest first."""
        actor = actor_of(request)
        return page_of(
            queries.runs_visible_to(actor),
            request,
            self,
            render=lambda row: EvaluationRunOut(row, context={"actor": actor}).data,
            ordering="-requested_at",
        )

    @extend_schema(
        operation_id="evaluation_runs_request",
        tags=["evaluation"],
        request=EvaluationRunIn,
        parameters=[KEY_PARAMETER],
        responses={202: EvaluationRunOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Have a version of a disclosure measured; a worker does it, read the run for progress."""
        actor = actor_of(request)
        values = read_input(EvaluationRunIn, request.data)
        training = values.get("training")
        asked: dict[str, Any] = {
            "disclosure": get_disclosure_for(actor, values["disclosure"]),
            "model": services.model_object_of(actor, values["model"]),
            "training": queries.get_file_for(actor, training) if training else None,
            "card": values["card"],
            "by": actor,
            "at": timezone.now(),
        }
        if "rows" in values:
            rows = queries.get_file_for(actor, values["rows"])
            run = services.request_rehearsal(rows=rows, **asked)
        else:
            chosen = queries.get_set_for(actor, values["evaluation_set"])
            run = services.request_run(evaluation_set=chosen, **asked)
        told = EvaluationRunOut(run, context={"actor": actor})
        return Response(told.data, status=status.HTTP_202_ACCEPTED)


class EvaluationRunDetail(APIView):
    """One measurement."""

    permission_classes = [gate("read")]
    look = "evaluation_run"

    @extend_schema(
        operation_id="evaluation_runs_read", tags=["evaluation"], responses=EvaluationRunOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with its progress, and with the result once there is one."""
        actor = actor_of(request)
        found = queries.get_run_for(actor, reference)
        return Response(EvaluationRunOut(found, context={"actor": actor}).data)


CancelEvaluationRun = verb_view(
    operation="evaluation_runs_cancel",
    summary="Give a measurement up; a model that runs is stopped",
    permission=gate("list", "review"),
    load=queries.get_run_for,
    service=services.cancel_run,
    argument="run",
    takes=ReasonIn,
    output=EvaluationRunOut,
)


class DisclosureEvaluations(APIView):
    """What evaluations found of one version of a disclosure."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="disclosures_evaluations",
        tags=["disclosures"],
        auth=[],
        responses=page_out(EvaluationOut),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the signed reports, the newest first."""
        found = get_disclosure_for(actor_of(request), reference)
        return page_of(
            evaluations_of(found),
            request,
            self,
            render=lambda row: EvaluationOut(row).data,
            ordering="-measured_at",
        )


class EvaluationDetail(APIView):
    """One signed report."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="evaluations_read", tags=["disclosures"], auth=[], responses=EvaluationOut
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return it with document and signature, to whoever may know of the disclosure."""
        found = get_evaluation(reference)
        get_disclosure_for(actor_of(request), found.disclosure.reference)
        return Response(EvaluationOut(found).data)


def routes(thing: str) -> list[URLPattern]:
    """Return the routes of evaluation; `thing` is how an address holds a reference."""
    return [
        path("evaluation-sets", EvaluationSets.as_view()),
        path(f"evaluation-sets/{thing}", EvaluationSetDetail.as_view()),
        path(f"evaluation-sets/{thing}/open", OpenEvaluationSet.as_view()),
        path(f"evaluation-sets/{thing}/retire", RetireEvaluationSet.as_view()),
        path("algorithm-files", AlgorithmFiles.as_view()),
        path(f"algorithm-files/{thing}", AlgorithmFileDetail.as_view()),
        path("evaluation-runs", EvaluationRuns.as_view()),
        path(f"evaluation-runs/{thing}", EvaluationRunDetail.as_view()),
        path(f"evaluation-runs/{thing}/cancel", CancelEvaluationRun.as_view()),
        path(f"evaluations/{thing}", EvaluationDetail.as_view()),
        path(f"disclosures/{thing}/evaluations", DisclosureEvaluations.as_view()),
    ]
