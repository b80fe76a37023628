"""Content: what is inside, for which area and time. Rows, bytes and columns are measured."""

from django.utils.translation import gettext_lazy as _

from exchange.catalog.vocabulary import (
    CorpusMode,
    Form,
    Processing,
    ProductType,
    RegionScope,
    Sensitivity,
    Structure,
    TrainingUse,
    UpdateFrequency,
)
from exchange.registry.fields import Field, Kind

from .definition import Chapter, ManualField

SERVICES = frozenset({ProductType.DATA_SERVICE, ProductType.DATA_APP})
CORPORA = frozenset({ProductType.CORPUS})

DICTIONARY_COLUMNS: tuple[Field, ...] = (
    Field(name="field", label=_("field"), kind=Kind.TEXT, required=True, max_length=128),
    Field(name="title", label=_("display name"), kind=Kind.TEXT, max_length=120),
    Field(name="type", label=_("data type"), kind=Kind.TEXT, max_length=40),
    Field(name="unit", label=_("unit"), kind=Kind.TEXT, max_length=40),
    Field(name="nullable", label=_("may be empty"), kind=Kind.YES_NO),
    Field(name="sensitivity", label=_("sensitivity"), kind=Kind.CHOICE, choices=Sensitivity),
    Field(name="note", label=_("explanation"), kind=Kind.TEXT, max_length=400),
)
INPUT_COLUMNS: tuple[Field, ...] = (
    Field(name="field", label=_("field"), kind=Kind.TEXT, required=True, max_length=128),
    Field(name="type", label=_("data type"), kind=Kind.TEXT, max_length=40),
    Field(name="mandatory", label=_("mandatory"), kind=Kind.YES_NO),
    Field(name="note", label=_("explanation"), kind=Kind.TEXT, max_length=400),
)

CONTENT: tuple[ManualField, ...] = (
    ManualField(
        name="description",
        label=_("description of the content"),
        help=_("What a row or record stands for, how values arose, what is left out."),
        kind=Kind.PROSE,
        chapter=Chapter.CONTENT,
        max_length=4000,
    ),
    ManualField(
        name="region_scope",
        label=_("region covered"),
        help=_("How wide an area the data covers."),
        kind=Kind.CHOICE,
        choices=RegionScope,
        chapter=Chapter.CONTENT,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="region",
        label=_("name of the region"),
        help=_("Such as 上海市, or the countries covered."),
        kind=Kind.TEXT,
        chapter=Chapter.CONTENT,
        max_length=80,
    ),
    ManualField(
        name="span_from",
        label=_("covers from"),
        help=_("First day the data speaks of."),
        kind=Kind.DATE,
        chapter=Chapter.CONTENT,
    ),
    ManualField(
        name="span_until",
        label=_("covers until"),
        help=_("Last day the data speaks of."),
        kind=Kind.DATE,
        chapter=Chapter.CONTENT,
    ),
    ManualField(
        name="update_frequency",
        label=_("update frequency"),
        help=_("How often a new release appears."),
        kind=Kind.CHOICE,
        choices=UpdateFrequency,
        chapter=Chapter.CONTENT,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="form",
        label=_("form of the content"),
        help=_("In which form the content comes."),
        kind=Kind.CHOICE,
        choices=Form,
        chapter=Chapter.CONTENT,
        column=True,
        required_to_list=True,
    ),
    ManualField(
        name="structure",
        label=_("structure"),
        help=_("How far the content is structured."),
        kind=Kind.CHOICE,
        choices=Structure,
        chapter=Chapter.CONTENT,
    ),
    ManualField(
        name="processing",
        label=_("processing"),
        help=_("How far it stands from what was collected (GB/T 43697-2024 附录 I)."),
        kind=Kind.CHOICE,
        choices=Processing,
        chapter=Chapter.CONTENT,
    ),
    ManualField(
        name="volume_note",
        label=_("volume"),
        help=_("For content that is not counted in rows; rows and bytes of files are measured."),
        kind=Kind.TEXT,
        chapter=Chapter.CONTENT,
        max_length=200,
    ),
    ManualField(
        name="dictionary",
        label=_("data dictionary"),
        help=_("What each field means. Your label of sensitivity does not replace the screening."),
        kind=Kind.ROWS,
        columns=DICTIONARY_COLUMNS,
        chapter=Chapter.CONTENT,
        max_items=500,
    ),
    ManualField(
        name="inputs",
        label=_("input fields"),
        help=_("What a request to the service has to contain."),
        kind=Kind.ROWS,
        columns=INPUT_COLUMNS,
        chapter=Chapter.CONTENT,
        max_items=200,
        for_types=SERVICES,
    ),
    ManualField(
        name="corpus_modes",
        label=_("composition of the corpus"),
        help=_("What the corpus is made of."),
        kind=Kind.CHOICES,
        choices=CorpusMode,
        chapter=Chapter.CONTENT,
        for_types=CORPORA,
    ),
    ManualField(
        name="training_uses",
        label=_("permitted training uses"),
        help=_("For which steps of building a model it may be used."),
        kind=Kind.CHOICES,
        choices=TrainingUse,
        chapter=Chapter.CONTENT,
        for_types=CORPORA,
    ),
    ManualField(
        name="corpus_areas",
        label=_("fields of application of the corpus"),
        help=_("Up to ten fields in which a model trained on it would work."),
        kind=Kind.TAGS,
        chapter=Chapter.CONTENT,
        max_length=30,
        max_items=10,
        for_types=CORPORA,
    ),
)
