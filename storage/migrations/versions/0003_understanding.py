"""How often the theme that was understood turned out right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "understanding_count",
        sa.Column("month", sa.String(length=8), nullable=False),
        sa.Column("guessed", sa.String(length=32), nullable=False),
        sa.Column("chosen", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "guessed", "chosen", "how", name=op.f("pk_understanding_count")),
    )
