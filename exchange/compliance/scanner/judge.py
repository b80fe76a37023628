"""From counts to findings: which kinds of content a column holds, and how sure that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from .combinations import Combination
from .lexicon import Entity, Lexicon
from .sketch import Distinct
from .tally import ColumnTally, Tally

CANDIDATES = 10
"""From so many values on that have all but the check digit, half of them have to have it too."""
RUNNING = 50
"""From so many values on, numbers that all begin alike are taken for a running number."""
_SURE_BIRTHS = frozenset({"cn_resident_id", "hk_permit", "mo_permit", "tw_permit"})
_FEW_MINORS = 0.02


@dataclass(frozen=True, slots=True)
class EntityFinding:
    """One kind of content in one column."""

    type: str
    count: int
    share: float
    confidence: float
    distinct: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """What one column holds."""

    name: str
    kind: str
    cells: int
    nulls: int
    entities: tuple[EntityFinding, ...] = ()

    def has(self, code: str) -> bool:
        """Whether the column holds this kind of content."""
        return any(entity.type == code for entity in self.entities)


@dataclass(frozen=True)
class ScanReport:
    """What a whole table holds, from a reading of every row.

    `sketches` count persons by kind of key and merge with those of other tables; they are not
    part of what is reported.
    """

    rows: int
    size: int
    columns: tuple[ColumnFinding, ...] = field(default_factory=tuple)
    combinations: tuple[Combination, ...] = ()
    sketches: Mapping[str, Distinct] = field(default_factory=dict, compare=False, repr=False)

    def entities(self) -> dict[str, list[tuple[ColumnFinding, EntityFinding]]]:
        """Return every kind of content found, with the columns that hold it."""
        found: dict[str, list[tuple[ColumnFinding, EntityFinding]]] = {}
        for column in self.columns:
            for entity in column.entities:
                found.setdefault(entity.type, []).append((column, entity))
        return found


def judge(tally: Tally, lexicon: Lexicon) -> ScanReport:
    """Decide on every column of a finished tally."""
    columns = []
    for column in tally.columns.values():
        found = _judge_column(column, lexicon)
        for (path, _), view in sorted(tally.views.items()):
            if path == column.name:
                _take_over(_judge_column(_as_whole(view, column), lexicon), found, column)
        columns.append((column, found))
    around = {code for _, found in columns for code in found}
    findings = tuple(
        ColumnFinding(
            column.name,
            column.kind,
            column.cells,
            column.nulls,
            tuple(found.values()) + _judge_beside(column, lexicon, around, found),
        )
        for column, found in columns
    )
    return ScanReport(
        tally.rows,
        tally.size,
        findings,
        _combinations(tally, findings, lexicon),
        _sketches(tally, findings, lexicon),
    )


def _judge_beside(
    column: ColumnTally, lexicon: Lexicon, around: set[str], found: dict[str, EntityFinding]
) -> tuple[EntityFinding, ...]:
    """Decide on what means something only beside other columns, such as digests of persons."""
    return tuple(
        finding
        for entity in lexicon.entities.values()
        if not entity.beside.isdisjoint(around) and entity.report_as not in found
        if (finding := _judge(column, entity, named=False))
    )


def _judge_column(column: ColumnTally, lexicon: Lexicon) -> dict[str, EntityFinding]:
    """Decide on one column, or on one way of reading it."""
    plan = lexicon.plan(column.name)
    found: dict[str, EntityFinding] = {}
    for entity in lexicon.entities.values():
        if entity.beside:
            continue
        finding = _judge(column, entity, named=entity.code in plan.entities)
        if finding and finding.type not in found and entity.yields_to.isdisjoint(found):
            found[finding.type] = finding
    if minor := _minors(column, found):
        found[minor.type] = minor
    return found


def _as_whole(view: ColumnTally, column: ColumnTally) -> ColumnTally:
    """Return a way of reading with the cells of its column, where it has none of its own."""
    if view.cells:
        return view
    return replace(view, cells=column.cells, nulls=column.nulls)


def _take_over(
    further: dict[str, EntityFinding], found: dict[str, EntityFinding], column: ColumnTally
) -> None:
    """Add what another way of reading a column gave, unless the column showed more of it."""
    for code, finding in further.items():
        if code not in found or finding.count > found[code].count:
            count = min(finding.count, column.filled)
            found[code] = replace(finding, count=count)


def _combinations(
    tally: Tally, columns: tuple[ColumnFinding, ...], lexicon: Lexicon
) -> tuple[Combination, ...]:
    """Tell how far rows differ by traits, where each column holds what its name says."""
    real = {
        column.name
        for column in columns
        if any(entity.type in lexicon.traits for entity in column.entities)
    }
    return tuple(
        groups.tell(names, lexicon.k_least)
        for names, groups in sorted(tally.groups.items())
        if real.issuperset(names)
    )


def _sketches(
    tally: Tally, columns: tuple[ColumnFinding, ...], lexicon: Lexicon
) -> dict[str, Distinct]:
    """Return what counts the different keys of persons, by kind of key."""
    kinds: dict[str, list[str]] = {}
    for entity in lexicon.entities.values():
        kinds.setdefault(entity.report_as, []).extend(entity.kinds)
    found: dict[str, Distinct] = {}
    for column in columns:
        own = tally.columns[column.name]
        read = [own, *(view for (path, _), view in sorted(tally.views.items()) if path == own.name)]
        for code in (entity.type for entity in column.entities):
            asked = [
                way.distinct[kind]
                for way in read
                for kind in kinds.get(code, ())
                if kind in way.distinct
            ]
            for sketch in asked or [own.distinct.get("value", Distinct())]:
                if sketch.kept.size:
                    found.setdefault(code, Distinct()).merge(sketch)
    return found


def _judge(column: ColumnTally, entity: Entity, *, named: bool) -> EntityFinding | None:
    """Decide whether a column holds this kind of content."""
    if not column.filled:
        return None
    for kind in _kinds_found(column, entity, named=named):
        share = column.share(kind)
        return EntityFinding(
            entity.report_as,
            min(column.hits[kind], column.filled),
            share,
            _confidence(entity, share, named=named),
            _distinct(column, kind),
            tuple(column.examples.get(kind, ())),
        )
    if entity.unnamed and _fits_unnamed(column, entity):
        shape = min(entity.unnamed, key=column.fit)
        share = column.fit(shape)
        count = max(1, round(share * column.filled))
        return EntityFinding(
            entity.report_as, count, share, _confidence(entity, share, named=named)
        )
    if not named or not entity.shapes:
        return None
    share = max(column.fit(shape) for shape in entity.shapes)
    few = entity.min_distinct and _distinct(column, "value") < entity.min_distinct
    other = any(2 * column.hits[kind] >= share * column.filled for kind in entity.unless)
    if few or other or share < entity.share or not share:
        return None
    return EntityFinding(
        entity.report_as,
        max(1, round(share * column.filled)),
        share,
        _confidence(entity, share, named=True),
        _distinct(column, "value"),
    )


def _minors(column: ColumnTally, found: dict[str, EntityFinding]) -> EntityFinding | None:
    """Say how many birth dates lie less than fourteen years back."""
    share = column.minors / column.births if column.births else 0.0
    sure = not _SURE_BIRTHS.isdisjoint(found)
    if not share or not (sure or ("birth_date" in found and share >= _FEW_MINORS)):
        return None
    count = column.minors if sure else max(1, round(share * column.filled))
    return EntityFinding("minor_birth", count, share, 0.95 if sure else 0.7)


def _fits_unnamed(column: ColumnTally, entity: Entity) -> bool:
    """Whether a column looks like this under any name, over enough values to be sure."""
    looks = all(
        column.looked[shape] >= entity.min_hits and column.fit(shape) >= share
        for shape, share in entity.unnamed.items()
    )
    return looks and not any(
        2 * column.hits[kind] >= min(entity.unnamed.values()) * column.filled
        for kind in entity.unless
    )


def _kinds_found(column: ColumnTally, entity: Entity, *, named: bool) -> Iterator[str]:
    """Yield the kinds of this entity that are in the column beyond chance."""
    for kind in entity.kinds:
        hits = column.hits[kind]
        share = column.share(kind)
        if not hits or (entity.named_only and not named):
            continue
        enough = hits >= entity.min_hits and share >= entity.min_share
        if named and entity.named_share:
            enough = share >= entity.named_share
        if not enough and not (named and not entity.named_share):
            continue
        if any(2 * column.hits[other] >= hits for other in entity.unless):
            continue
        if not named and not _varied(column, entity, hits):
            continue
        passes = column.passes[kind]
        close = column.tries[entity.candidates]
        if not named and close >= CANDIDATES and 2 * passes < close:
            continue  # region and date everywhere, the check digit as often as chance gives it
        tries = max(passes, column.tries[kind] or column.filled)
        if different := _distinct(column, kind):
            # The same few values over and over prove no more than once.
            tries = -(-tries * min(different, passes) // passes)
            passes = min(different, passes)
        if entity.beyond_chance(kind, passes, tries, named=named):
            yield kind


def _varied(column: ColumnTally, entity: Entity, hits: int) -> bool:
    """Whether the values differ where real ones do; a running number has one prefix."""
    if hits < RUNNING:
        return True
    heads = set().union(*(column.varieties.get(kind, set()) for kind in entity.kinds))
    return len(heads) >= entity.variety


def _confidence(entity: Entity, share: float, *, named: bool) -> float:
    """Combine how telling the form is, the column's name, and how regular the column is."""
    doubt = (1 - entity.base) * (0.5 if named else 1.0) * (1 - 0.6 * share)
    return round(1 - doubt, 2)


def _distinct(column: ColumnTally, kind: str) -> int:
    sketch = column.distinct.get(kind)
    return sketch.estimate() if sketch else 0
