"""How far the reading of one untrusted file may go."""

from dataclasses import dataclass

from confined.bounds import GIB, MIB, Bounds


@dataclass(frozen=True, kw_only=True)
class Limits(Bounds):
    """Bounds for one file; every one of them ends in a fault that names it."""

    bytes: int = 2 * GIB  # of the file as uploaded
    rows: int = 100_000_000
    columns: int = 2_000
    cell: int = 4 * MIB  # characters of one cell
    decoded: int = 16 * GIB  # cells in memory form, summed over the whole file
    expansion: int = 1_000  # decoded bytes per byte of file, counted from `expansion_from` on
    expansion_from: int = 256 * MIB
    outside: int = 100_000  # characters of titles, notes and comments around the tables
    entries: int = 2_000  # files inside a workbook

    def decoded_allowance(self, file_size: int) -> int:
        """Return how many decoded bytes a file of `file_size` bytes may become."""
        return min(self.decoded, max(self.expansion_from, self.expansion * file_size))
