"""People who work in the browser: accounts, their sessions, and attempts that failed; and a count of how often results were written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of accounts, and the counter of derived tables."""
    op.create_table(
        "users",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("created", sa.String, nullable=False),
        sa.Column("disabled", sa.Integer, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("csrf", sa.String, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.Column("flash", sa.String, nullable=False),
    )
    op.create_index("sessions_name", "sessions", ["name"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("attempts_key", "attempts", ["key", "at"])
    op.create_table("versions", sa.Column("name", sa.String, primary_key=True), sa.Column("number", sa.Integer, nullable=False))


def downgrade() -> None:
    """Without the accounts nobody can log in; decisions are untouched."""
    for table in ("versions", "attempts", "sessions", "users"):
        op.drop_table(table)
