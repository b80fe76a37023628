"""What evaluation takes and gives over REST: sets, files, runs, reports."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from audit.disclosure.models import EvaluationReport
from exchange.algorithms import queries, rules
from exchange.algorithms.models import AlgorithmFile, EvaluationRun, EvaluationSet
from exchange.algorithms.reproducing import command_of, result_of
from exchange.algorithms.states import FileKind

from .serializers import StrictSerializer


class EvaluationSetOut(serializers.Serializer[EvaluationSet]):
    """A sealed set by its description; no value of a row is ever among it."""

    reference = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    sealed_by = serializers.CharField(source="sealed_by.reference")
    task = serializers.CharField()
    target = serializers.CharField(help_text="column of the answers")
    features = serializers.JSONField(help_text="columns a model may be fed with")
    group_columns = serializers.JSONField(help_text="columns whose groups are compared")
    query_column = serializers.CharField()
    time_column = serializers.CharField()
    positive_class = serializers.CharField()
    columns = serializers.JSONField(help_text="name, kind and width")
    rows = serializers.IntegerField()
    provenance = serializers.CharField()
    licence = serializers.CharField()
    sha256 = serializers.CharField(help_text="SHA-256 of the sealed file")
    commitment = serializers.CharField(help_text="salted commitment, in the log since the sealing")
    sealed_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)
    retire_reason = serializers.CharField()
    runs_left = serializers.SerializerMethodField(
        help_text="how often your organization may still ask this set in the present period"
    )
    allowed_actions = serializers.SerializerMethodField()

    def get_runs_left(self, row: EvaluationSet) -> int:
        """Return what the limit of probing leaves to the caller."""
        return queries.runs_left(self.context["actor"].organization, row, timezone.now())

    def get_allowed_actions(self, row: EvaluationSet) -> list[str]:
        """Return what the caller may do with it."""
        return rules.set_actions(self.context["actor"], row)


class NamesField(serializers.ListField):
    """Names of columns; in a form, one field repeated."""

    child = serializers.CharField(max_length=200)


class EvaluationSetIn(StrictSerializer):
    """Rows with answers, and what they are."""

    file = serializers.FileField(help_text="Parquet, one row a case, at least 30")
    title = serializers.CharField(max_length=120)
    task = serializers.CharField(max_length=24)
    target = serializers.CharField(max_length=200)
    provenance = serializers.CharField(max_length=4000)
    licence = serializers.CharField(max_length=120, help_text="SPDX or in words")
    features = NamesField(required=False, default=list)
    group_columns = NamesField(required=False, default=list)
    query_column = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200
    )
    time_column = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200
    )
    positive_class = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200
    )


class PurposeIn(StrictSerializer):
    """What a copy is for; it becomes part of the record."""

    purpose = serializers.CharField(max_length=200)


class AlgorithmFileIn(StrictSerializer):
    """A model (ONNX) or rows of one's own (Parquet)."""

    kind = serializers.ChoiceField(FileKind.choices)
    file = serializers.FileField()


class AlgorithmFileOut(serializers.Serializer[AlgorithmFile]):
    """What was handed in, and what was seen in it without executing it."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    filename = serializers.CharField(source="stored.filename")
    size = serializers.IntegerField(source="stored.size")
    sha256 = serializers.CharField()
    seen = serializers.JSONField(help_text="of a model inputs, outputs, operators, techniques")
    handed_in_at = serializers.DateTimeField()


class EvaluationRunIn(StrictSerializer):
    """What is to be measured: on a sealed set for the register, or on own rows as a rehearsal."""

    disclosure = serializers.CharField(max_length=24)
    model = serializers.CharField(max_length=24, help_text="file of kind MODEL")
    evaluation_set = serializers.CharField(max_length=24, required=False)
    rows = serializers.CharField(max_length=24, required=False, help_text="file of kind ROWS")
    training = serializers.CharField(
        max_length=24, required=False, help_text="file of kind ROWS, the rows trained on"
    )
    card = serializers.JSONField(
        required=False,
        default=dict,
        help_text="technical part: features, onnx_input, onnx_outputs, classes, threshold, …",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Demand one kind of rows."""
        if ("evaluation_set" in attrs) == ("rows" in attrs):
            message = "Name an evaluation_set, or rows of your own for a rehearsal."
            raise ValidationError({"evaluation_set": [message]})
        return attrs


class EvaluationRunOut(serializers.Serializer[EvaluationRun]):
    """A measurement: how far it is, or what came of it."""

    reference = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    owner = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    algorithm = serializers.CharField(source="disclosure.algorithm")
    evaluation_set = serializers.CharField(
        source="evaluation_set.reference", default=None, allow_null=True
    )
    model = serializers.CharField(source="model_source")
    model_sha256 = serializers.CharField(source="model_object.sha256")
    rows_sha256 = serializers.CharField()
    card = serializers.JSONField()
    limits = serializers.JSONField(help_text="seconds and bytes that the model may take")
    stage = serializers.CharField(help_text="reading, running, checking")
    progress = serializers.IntegerField(help_text="percent of the stage")
    attempts = serializers.IntegerField()
    failure = serializers.CharField()
    report = serializers.CharField(help_text="signed report in the register")
    result = serializers.SerializerMethodField(help_text="null until it is measured")
    command = serializers.SerializerMethodField(help_text="repeats the run where set and model are")
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()

    def get_result(self, row: EvaluationRun) -> dict[str, Any] | None:
        """Return figures, findings and groups as signed, or as only the owner has them."""
        return result_of(row)

    def get_command(self, row: EvaluationRun) -> str:
        """Return the line that measures again."""
        return command_of(row)

    def get_allowed_actions(self, row: EvaluationRun) -> list[str]:
        """Return what the caller may do with it."""
        return rules.run_actions(self.context["actor"], row)


class EvaluationOut(serializers.Serializer[EvaluationReport]):
    """What an evaluation on a sealed set found, as the register keeps it."""

    reference = serializers.CharField()
    disclosure = serializers.CharField(source="disclosure.reference")
    algorithm = serializers.CharField(source="disclosure.algorithm")
    run = serializers.CharField()
    verdict = serializers.CharField()
    contradicted = serializers.BooleanField(help_text="a finding speaks against the disclosure")
    metric = serializers.CharField()
    judged_by = serializers.CharField()
    declared = serializers.CharField()
    measured = serializers.CharField()
    ci_low = serializers.CharField()
    ci_high = serializers.CharField()
    baseline = serializers.CharField()
    rows = serializers.IntegerField()
    evaluation_set = serializers.CharField()
    set_sha256 = serializers.CharField()
    model_sha256 = serializers.CharField()
    measured_at = serializers.DateTimeField()
    document = serializers.CharField(help_text="the signed canonical document")
    document_sha256 = serializers.CharField()
    signature = serializers.CharField()
    signer = serializers.CharField(help_text="verifier key (C2SP)")
