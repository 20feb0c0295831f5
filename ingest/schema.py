"""The tables of var/zicha.db."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("place", String, nullable=False),  # path below the inbox, or the parent's place and a number
    Column("sha256", String, nullable=False),  # "" where the bytes could not be had
    Column("parent", String),
    Column("name", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("kind", String, nullable=False),  # mail, archive, file
    Column("submission", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("cause", String, nullable=False, default=""),
    Column("next_step", String, nullable=False, default=""),
    UniqueConstraint("place", "sha256"),
    Index("arrivals_submission", "submission"),
)
"""The ledger: one row for every byte stream that arrived, for ever."""

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),  # running number: the order in which things were seen
    Column("place", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("members", String, nullable=False),  # JSON [[place, sha256, is_mail], …] of the files in the inbox
    Column("received_at", String),
    Column("current", Integer, nullable=False, default=1),  # 0: the files at this place were replaced
    UniqueConstraint("place", "digest"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("place", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)
"""How each file in the inbox looked when its bytes were taken."""

readings = Table("readings", metadata, Column("key", String, primary_key=True), Column("value", LargeBinary, nullable=False))
"""Derived: documents as read, by content and reader version. May be emptied."""

sheets = Table("sheets", metadata, Column("key", String, primary_key=True), Column("value", LargeBinary, nullable=False))
"""Derived: worksheets as judged. May be emptied."""

tries = Table(
    "tries",
    metadata,
    Column("key", String, primary_key=True),  # of a reading or of a submission's worksheets, with the versions that tried
    Column("count", Integer, nullable=False),
    Column("reason", String, nullable=False),  # of the last time; "cause；next step"
)
"""How often a reading child died over a file, or the program failed on a submission. A new version, or a person's word, begins anew."""

outputs = Table("outputs", metadata, Column("name", String, primary_key=True))
"""Files in the outbox that are ours to replace and to remove."""

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("unit", String),
    Column("body", String, nullable=False),  # JSON
    Column("reason", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("journal_unit", "unit"),
)
"""What people decided; triggers refuse to change or remove a row."""

journal_head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String, nullable=False),
)
"""Number and hash of the journal's last entry: one row, so that a cut-off end is noticed."""

exports = Table(
    "exports",
    metadata,
    Column("kind", String, primary_key=True),  # tables, letters
    Column("wishes", String, nullable=False),  # JSON: what the command was given
    Column("files", String, nullable=False),  # JSON: name -> SHA-256 as written
)
"""What was written on command, so that `rebuild` can write it again and sees what a person changed since."""

results = Table(
    "results",
    metadata,
    Column("stem", String, primary_key=True),  # the name of its files in the outbox
    Column("unit", String),
    Column("place", String, nullable=False),
    Column("sheet", LargeBinary, nullable=False),  # as the machine judged it
    Column("row", String, nullable=False),  # JSON: its row on the board, as published
    Index("results_unit", "unit"),
)
"""Derived: what was judged last and stands in the outbox. May be emptied."""

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),  # argon2id
    Column("created", String, nullable=False),
    Column("disabled", Integer, nullable=False),
)
"""Who may log in; a person who left is disabled, never removed, for the journal names them."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String, primary_key=True),  # SHA-256 of what the cookie holds
    Column("name", String, nullable=False),
    Column("csrf", String, nullable=False),
    Column("created", Float, nullable=False),  # seconds since 1970
    Column("seen", Float, nullable=False),
    Column("flash", String, nullable=False),  # JSON: what the next page says once
    Index("sessions_name", "name"),
)
"""Who is logged in; may be emptied."""

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),  # a name, or an address
    Column("at", Float, nullable=False),
    Index("attempts_key", "key", "at"),
)
"""Log-ins that failed lately."""

versions = Table("versions", metadata, Column("name", String, primary_key=True), Column("number", Integer, nullable=False))
"""How often a derived table was written, so that a reader of it knows when to look again."""
