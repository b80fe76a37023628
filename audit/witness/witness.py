"""The decision of a witness: cosign a checkpoint, or say why not (C2SP tlog-witness)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verify.checkpoint import TreeHead
from verify.encoding import write_base64
from verify.errors import VerificationError
from verify.merkle import EMPTY_ROOT, check_consistency
from verify.note import NoteSignature, Verifier, parse_note, verify_note

from .keys import WitnessKey
from .logs import KnownLogs
from .state import Change, Cosigned, Evidence, Kind, State
from .submissions import Submission, parse_submission

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, body, and the type of the body."""

    status: int
    body: str
    content_type: str = PLAIN

    @classmethod
    def refusal(cls, status: int, reason: object) -> "Answer":
        """Refuse with a line that says why."""
        return cls(status, f"{reason}\n")


@dataclass(frozen=True)
class Witness:
    """Keys, known logs, what was cosigned so far, and a clock in seconds since 1970.

    `report` hears of each pair of notes that is newly held against a log.
    """

    keys: Sequence[WitnessKey]
    logs: KnownLogs
    state: State
    clock: Callable[[], float]
    report: Callable[[Evidence], None]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Decide on one request, in the order that the protocol gives to the refusals."""
        try:
            submission = parse_submission(body)
        except VerificationError as error:
            return Answer.refusal(400, error)
        keys = self.logs.keys_of(submission.head.origin)
        if not keys:
            return Answer.refusal(404, "this witness does not know this log")
        try:
            _text, signed = verify_note(submission.note, keys)
        except VerificationError as error:
            return Answer.refusal(403, error)
        found: list[Evidence] = []
        with self.state.change() as change:
            answer = self._decide(change, submission, _plain_note(submission.note, signed), found)
            news = [evidence for evidence in found if change.hold(evidence)]
        for evidence in news:
            self.report(evidence)
        return answer

    def newest_checkpoint(self, origin_hash: str) -> Answer:
        """Return the note this witness last cosigned of the log whose origin has this SHA-256."""
        kept = self.state.newest(
            lambda origin: hashlib.sha256(origin.encode()).hexdigest() == origin_hash
        )
        if kept is None:
            return Answer.refusal(404, "nothing was cosigned of such a log")
        return Answer(200, kept.note.decode())

    def _decide(
        self, change: Change, submission: Submission, note: str, found: list[Evidence]
    ) -> Answer:
        """Decide on a checkpoint that its log signed; what contradicts it goes into `found`."""
        head, now = submission.head, int(self.clock())
        kept = change.newest(head.origin)
        stored = kept.head if kept else TreeHead(head.origin, 0, EMPTY_ROOT)
        same_size = change.at_size(head.origin, head.size)
        if same_size and same_size.head.root != head.root:
            found.append(Evidence(Kind.FORK, head, note.encode(), same_size.note, now))
        if submission.old > head.size:
            return Answer.refusal(400, "the old size is larger than the checkpoint's")
        if submission.old != stored.size:
            return Answer(409, f"{stored.size}\n", SIZE)
        try:
            check_consistency(
                old_size=stored.size,
                new_size=head.size,
                old_root=stored.root,
                new_root=head.root,
                proof=submission.proof,
            )
        except VerificationError as error:
            if kept and head.size > stored.size:
                found.append(Evidence(Kind.DOUBT, head, note.encode(), kept.note, now))
            return Answer.refusal(422, error)
        if now < change.latest_time():
            return Answer.refusal(503, "the clock of this witness runs behind what it signed")
        lines = "".join(key.cosign(head, now) for key in self.keys)
        change.keep(Cosigned(head, (note + lines).encode(), now))
        return Answer(200, lines)


def _plain_note(note: bytes, signed: Sequence[Verifier]) -> str:
    """Return the note with the signatures of its log alone: others could be made to any length."""
    parsed = parse_note(note)
    known = {(key.name, key.key_id) for key in signed}
    lines = [_line(each) for each in parsed.signatures if (each.name, each.key_id) in known]
    return f"{parsed.text}\n{''.join(lines)}"


def _line(signature: NoteSignature) -> str:
    return f"\u2014 {signature.name} {write_base64(signature.key_id + signature.signature)}\n"
