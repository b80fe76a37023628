"""Inspection: the whole log recomputed from its entries and compared with everything stored."""

from audit.log.inspection.inspect import inspect
from audit.log.inspection.report import Finding, Report

__all__ = ["Finding", "Report", "inspect"]
