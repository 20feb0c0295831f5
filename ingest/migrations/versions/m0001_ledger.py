"""The first form: ledger, submissions, sightings, and what is derived from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("parent", sa.String),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("submission", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("next_step", sa.String, nullable=False),
        sa.UniqueConstraint("place", "sha256"),
    )
    op.create_index("arrivals_submission", "arrivals", ["submission"])
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("members", sa.String, nullable=False),
        sa.Column("received_at", sa.String),
        sa.Column("current", sa.Integer, nullable=False),
        sa.UniqueConstraint("place", "digest"),
    )
    op.create_table(
        "sightings",
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
    )
    for name in ("readings", "sheets"):
        op.create_table(name, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.LargeBinary, nullable=False))
    op.create_table("outputs", sa.Column("name", sa.String, primary_key=True))


def downgrade() -> None:
    """There is nothing before the first form."""
    raise NotImplementedError
