"""A table as CSV that office programs open as Chinese: UTF-8 with a mark at its start, and no cell that can run."""

from __future__ import annotations

import csv
import io

from templates.plaintext import harmless, number
from templates.tables_rows import Table, Value

MARK = "\ufeff"


def csv_file(table: Table) -> bytes:
    """The head and the rows; numbers as written, an empty cell where there is none."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(" ".join(c.head.split())) for c in table.columns])
    writer.writerows([_text(value) for value in row] for row in table.rows)
    return (MARK + out.getvalue()).encode()


def _text(value: Value) -> str:
    return harmless(value) if isinstance(value, str) else number(value)
