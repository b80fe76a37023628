"""The sentences in which a refusal or a remark about a file reaches its provider."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.disclosure.wording import REASONS

FAULTS: dict[str, str | Promise] = {
    "no-bytes": _("The file is empty. Choose the file again; the upload may have been cut off."),
    "only-blanks": _("The file holds nothing but blanks. Export the table again."),
    "no-rows": _("The file names its columns but holds no rows. Export the table with its rows."),
    "empty-sheets": _("No sheet of the workbook holds anything. Save it with its values."),
    "blank-start": _(
        "The file begins with a long stretch of blanks and cannot be a table. Export it again."
    ),
    "inside-character": _(
        "The file ends in the middle of a character (byte %(byte)s). It was cut off: "
        "upload the complete file."
    ),
    "parquet-end": _(
        "The Parquet file has no proper end. It was cut off, or its writer was never closed: "
        "write and upload it again."
    ),
    "fewer-rows": _("The Parquet file claims %(claimed)s rows but holds %(rows)s. Write it again."),
    "archive-end": _(
        "The workbook has no readable directory of its parts. It was cut off or damaged: "
        "save it again as .xlsx."
    ),
    "archive-damaged": _(
        "A part of the workbook is damaged and fails its checksum. Save it again as .xlsx."
    ),
    "open-quote": _(
        "A quotation mark opened in line %(line)s is never closed. The file was cut off, or the "
        "mark has to be doubled."
    ),
    "last-line": _(
        "The last line (%(line)s) has %(fields)s fields where the others have %(expected)s. The "
        "file was cut off: upload the complete file."
    ),
    "json-end": _(
        "The JSON text breaks off in line %(line)s. It was cut off: upload the complete file."
    ),
    "unknown-encoding": _(
        "The text is neither UTF-8 nor GB18030 nor UTF-16. Save the file as UTF-8."
    ),
    "bad-byte": _(
        "Line %(line)s (byte %(byte)s) is not valid %(encoding)s. The file mixes encodings or is "
        "damaged: save the whole file as UTF-8."
    ),
    "bad-unit": _(
        "Byte %(byte)s is not valid %(encoding)s. The file is damaged: save it again as UTF-8."
    ),
    "zero-byte": _(
        "Line %(line)s (byte %(byte)s) holds a zero byte, which no text has. Export the table "
        "again."
    ),
    "bytes": _(
        "The file has %(size)s bytes; %(limit)s are accepted. Split it into several releases."
    ),
    "rows": _("The file has more than %(limit)s rows. Split it into several releases."),
    "columns": _(
        "The file has %(count)s columns; %(limit)s are accepted. Split the table or turn columns "
        "into rows."
    ),
    "cell": _(
        "A cell of column %(column)s near row %(row)s is longer than %(limit)s characters. "
        "Shorten it or deliver such content as files."
    ),
    "long-field": _(
        "A field that begins in line %(line)s is longer than %(limit)s characters. A quotation "
        "mark may be missing."
    ),
    "long-line": _(
        "Line %(line)s is longer than %(limit)s characters. The line ends may be missing."
    ),
    "long-record": _(
        "The record that begins in line %(line)s is longer than %(limit)s characters. Split it "
        "into several records."
    ),
    "archive-entries": _(
        "The archive lists more than %(limit)s parts; no workbook needs them. Save it again as "
        ".xlsx."
    ),
    "written": _("Reading the file would write more than allowed. Split it into releases."),
    "name-and-content": _(
        "The file is named %(name)s but its content is %(content)s. Give it the ending of what "
        "it is, or upload the right file."
    ),
    "archive-names": _(
        "The archive holds parts with names that are repeated or lead outside of it. Save the "
        "workbook again as .xlsx."
    ),
    "xml-entities": _(
        "The workbook declares XML entities, which no spreadsheet program writes. Save it again "
        "as .xlsx."
    ),
    "workbook": _("The workbook breaks the rules of its format. Save it again as .xlsx."),
    "stray-quote": _(
        "Line %(line)s holds a quotation mark inside a quoted field. Double it, or export the "
        "table again."
    ),
    "uneven": _(
        "Line %(line)s has %(fields)s fields where the table has %(expected)s columns. Put fields "
        "that hold the delimiter in quotation marks."
    ),
    "json": _("Line %(line)s, column %(column)s is not valid JSON. Correct it there."),
    "deep": _("The value in line %(line)s is nested too deeply. Flatten it."),
    "long-number": _("Line %(line)s holds a number of absurd length. Write it as text."),
    "same-member": _(
        "One record names %(name)s twice, so that one of the values would be lost. Rename one."
    ),
    "feature": _("Feature %(row)s is not valid GeoJSON. Correct its geometry or properties."),
    "parquet": _("The Parquet file is damaged near row %(row)s (%(reason)s). Write it again."),
    "much-outside": _(
        "More than %(limit)s characters stand outside of the table. Put them into columns or "
        "remove them."
    ),
    "old-or-locked-office": _(
        "This is an old Excel workbook (.xls) or one locked by a password. Save it as .xlsx "
        "without password."
    ),
    "encrypted-parquet": _("The Parquet file is encrypted. Write it without encryption."),
    "workbook-with-macros": _("The workbook carries macros. Save it as .xlsx without them."),
    "foreign-format": _(
        "The content is %(content)s, which holds no table the exchange reads. Upload CSV, TSV, "
        "JSON, JSON Lines, GeoJSON, XLSX or Parquet."
    ),
    "records-not-objects": _(
        "Line %(line)s holds something else than an object. Every record must be an object of "
        "named values."
    ),
    "two-lists": _(
        "The document holds two lists of records, %(first)s and %(second)s. Upload each as a "
        "file of its own."
    ),
    "no-records": _(
        "The document holds no list of records. Write a list of objects, one for each row."
    ),
    "expands": _(
        "The file of %(size)s bytes unfolds to %(megabytes)s megabytes and more, as files made "
        "to do harm do. Upload the table in another format, or in several parts."
    ),
    "timeout": _("Reading took longer than %(limit)s seconds and was stopped. Split the file."),
    "processor-time": _("Reading used up its processor time and was stopped. Split the file."),
    "memory": _("Reading needed more memory than allowed. Split the file or shorten its cells."),
    "model-for-table": _(
        "The file is an ONNX model, not a table. Offer it as a product of the type “trained model”."
    ),
    "model-places": _(
        "The model holds texts in %(count)s places; %(limit)s are accepted. Join its labels."
    ),
    "unknown-part": _(
        "The file holds a part that ONNX does not know (number %(number)s of %(part)s), so nobody "
        "can tell what is in it. Export the model again without additions."
    ),
    "killed": _("The system stopped the reading, probably for lack of memory. Try again later."),
    "disk-full": _("The exchange has no room to read the file at present. Try again later."),
    "crashed": _(
        "The reader stopped (%(reason)s). The file is damaged, or was made to do harm: export it "
        "again."
    ),
}
NOTES: dict[str, str | Promise] = {
    "lines-above": _("Lines above the table that were taken for titles: %(count)s."),
    "lines-below": _("Entries below the table that were taken for remarks: %(count)s."),
    "no-header": _("The table has no line of names; the columns are numbered."),
    "renamed-columns": _(
        "Column names that were empty, repeated or untidy and were adapted: %(count)s."
    ),
    "delimiter": _("The fields are separated by %(delimiter)s."),
    "missing-words": _(
        "Cells of column %(column)s that hold a word for “missing” (such as NA): %(count)s."
    ),
    "hidden-sheet": _("Sheet %(sheet)s is hidden; it was read like the others."),
    "sheet": _("Rows from sheet %(sheet)s: %(rows)s."),
    "parts-not-read": _(
        "Parts of the workbook that hold no cells and were not read (pictures, links): %(count)s."
    ),
    "nested-as-text": _("Column %(column)s holds nested values; they are kept as JSON text."),
    "binary-as-text": _("Column %(column)s holds bytes; they are kept as Base64 text."),
}
STAGES: dict[str, str | Promise] = {
    "decoding": _("checking the encoding"),
    "reading": _("reading rows"),
    "writing": _("writing the table"),
    "profiling": _("profiling columns"),
    "checking": _("checking rules"),
    "encrypting": _("encrypting"),
}


def describe_fault(what: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a refusal in the current language."""
    sentence = FAULTS.get(what) or REASONS.get(what) or FAULTS["crashed"]
    return _filled(sentence, {"reason": what} | dict(params))


def describe_note(note: Mapping[str, Any]) -> str:
    """Return the sentence of a note in the current language."""
    return _filled(NOTES[str(note["code"])], note["params"])


def describe_stage(what: str) -> str:
    """Return the words for a stage of the work, as progress callbacks get it."""
    return str(STAGES.get(what, what))


def _filled(sentence: str | Promise, params: Mapping[str, Any]) -> str:
    try:
        return str(sentence) % params
    except KeyError:
        return str(sentence)
