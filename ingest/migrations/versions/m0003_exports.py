"""What was written on command: tables and letters, with what they were asked for, so that they can be made again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the note of exports."""
    op.create_table(
        "exports",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("wishes", sa.String, nullable=False),
        sa.Column("files", sa.String, nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("exports")
