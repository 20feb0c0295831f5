"""What was judged last, unit by unit: with it a person's word reaches the outbox without judging again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of results."""
    op.create_table(
        "results",
        sa.Column("stem", sa.String, primary_key=True),
        sa.Column("unit", sa.String),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("sheet", sa.LargeBinary, nullable=False),
        sa.Column("row", sa.String, nullable=False),
    )
    op.create_index("results_unit", "results", ["unit"])


def downgrade() -> None:
    """It can be made again at any time."""
    op.drop_table("results")
