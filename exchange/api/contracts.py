"""Contracts and trade certificates over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exchange.trading import queries, services, verification
from exchange.trading.models import Contract, Signature, TradeCertificate
from exchange.trading.states import DisputeGround

from .pagination import page_of
from .permissions import Public, actor_of, gate
from .serializers import ActionsOut, ReasonIn, page_out
from .verbs import verb_view


class SignatureOut(serializers.Serializer[Signature]):
    """A signature under a contract."""

    side = serializers.CharField()
    organization = serializers.CharField()
    key = serializers.CharField(help_text="verifier key (C2SP)")
    statement = serializers.CharField(help_text="the exact text that was signed")
    signature = serializers.CharField()
    signed_at = serializers.DateTimeField()


class ContractOut(ActionsOut):
    """A contract with its signatures and the result of checking them now."""

    reference = serializers.CharField()
    order = serializers.CharField(source="order.reference")
    status = serializers.CharField()
    sha256 = serializers.CharField()
    document = serializers.CharField(help_text="canonical JSON, the text that is signed")
    signatures = SignatureOut(many=True)
    faults = serializers.SerializerMethodField(help_text="empty when everything is genuine")
    effective_at = serializers.DateTimeField(allow_null=True)
    term_until = serializers.DateTimeField(allow_null=True)

    def get_faults(self, row: Contract) -> list[str]:
        """Check text, signatures and the log's record."""
        return list(verification.verify_contract(row).faults)


class CertificateOut(serializers.Serializer[verification.PublicCertificate]):
    """What anybody may know of a trade certificate."""

    reference = serializers.CharField()
    status = serializers.CharField()
    valid = serializers.BooleanField(source="is_valid")
    faults = serializers.ListField(child=serializers.CharField(), source="verification.faults")
    issued_at = serializers.DateTimeField()
    sha256 = serializers.CharField()
    key = serializers.CharField()
    product = serializers.CharField()
    product_name = serializers.CharField()
    release_sha256 = serializers.CharField()
    contract_sha256 = serializers.CharField()


class SignedDocumentOut(serializers.Serializer[TradeCertificate]):
    """A signed text with what checks it."""

    document = serializers.CharField(help_text="canonical JSON, the text that is signed")
    key = serializers.CharField(help_text="verifier key (C2SP)")
    signature = serializers.CharField(help_text="Ed25519, base64")


class GroundIn(ReasonIn):
    """Why a delivery is not as agreed, or a contract is ended."""

    ground = serializers.ChoiceField(DisputeGround.choices)


class ContractRowOut(ActionsOut):
    """A contract as lists show it."""

    reference = serializers.CharField()
    order = serializers.CharField(source="order.reference")
    status = serializers.CharField()
    sha256 = serializers.CharField()
    effective_at = serializers.DateTimeField(allow_null=True)
    term_until = serializers.DateTimeField(allow_null=True)


class Contracts(APIView):
    """Contracts."""

    permission_classes = [gate("trade", "list")]
    look = "contracts"

    @extend_schema(
        operation_id="contracts_list", tags=["contracts"], responses=page_out(ContractRowOut)
    )
    def get(self, request: Request) -> Response:
        """List those of one's organization, on either side."""
        rows = queries.contracts_visible_to(actor_of(request))
        return page_of(rows, request, self, render=lambda row: ContractRowOut(row).data)


class ContractDetail(APIView):
    """One contract."""

    permission_classes = [gate("trade", "list")]
    look = "contract"

    @extend_schema(operation_id="contracts_read", tags=["contracts"], responses=ContractOut)
    def get(self, request: Request, reference: str) -> Response:
        """Return it with signatures, checked now."""
        return Response(ContractOut(queries.get_contract_for(actor_of(request), reference)).data)


SignContract = verb_view(
    operation="contracts_sign",
    summary="Sign for one's side; the second signature brings the platform's and the effect",
    permission=gate("trade", "list"),
    load=queries.get_contract_for,
    service=services.sign_contract,
    argument="contract",
    output=ContractOut,
    repeatable=True,
)
TerminateContract = verb_view(
    operation="contracts_terminate",
    summary="End a contract in effect; its access stops at once",
    permission=gate("trade", "list"),
    load=queries.get_contract_for,
    service=services.terminate_contract,
    argument="contract",
    takes=GroundIn,
    output=ContractOut,
)


class CertificateDetail(APIView):
    """Public verification of a trade certificate (查验)."""

    permission_classes = [Public]

    @extend_schema(
        operation_id="certificates_verify", tags=["certificates"], auth=[], responses=CertificateOut
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Say whether it is genuine and stands."""
        return Response(CertificateOut(verification.look_up_certificate(reference)).data)


class CertificateDocument(APIView):
    """The certificate's signed text, for its holders."""

    permission_classes = [gate("trade", "list")]
    look = "certificate"

    @extend_schema(
        operation_id="certificates_document",
        tags=["certificates"],
        responses=SignedDocumentOut,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Return document, key and signature."""
        found = queries.get_certificate_for(actor_of(request), reference)
        return Response(SignedDocumentOut(found).data)
