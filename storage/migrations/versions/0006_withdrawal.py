"""Codes that were tried in vain; who else than a user of the board looked, and with what reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_guess",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("contact_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_guess")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_code_guess_contact_id_contact")),
    )
    op.create_index(op.f("ix_code_guess_at"), "code_guess", ["at"])
    with op.batch_alter_table("access_log") as table:
        table.drop_constraint(op.f("fk_access_log_user_id_user_account"), type_="foreignkey")
        table.alter_column("user_id", existing_type=sa.String(length=16), type_=sa.String(length=32))
        table.add_column(sa.Column("reason_sealed", sa.LargeBinary(), nullable=True))
