"""Rows of audits and appeals."""

from .appeal import AlgorithmAppeal
from .audit import AlgorithmAudit
from .finding import AuditFinding, FindingNote

__all__ = ["AlgorithmAppeal", "AlgorithmAudit", "AuditFinding", "FindingNote"]
