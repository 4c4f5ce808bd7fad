"""Editions of the directory: the next one is staged beside the one that is served. Seats stand by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FIRST = 1  # the edition of the directory that was there


def upgrade() -> None:
    bind = op.get_bind()
    kept = {
        name: [dict(row) for row in bind.execute(sa.text(f"SELECT * FROM {name}")).mappings()]  # noqa: S608
        for name in ("directory_version", "organisation", "service", "agreement")
    }
    for name in ("agreement", "service", "organisation", "directory_version"):  # children first
        op.drop_table(name)
    version = op.create_table(
        "directory_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_version")),
    )
    organisation = _edition("organisation")
    service = _edition("service", sa.Column("capacity", sa.Integer(), nullable=True))
    agreement = op.create_table(
        "agreement",
        sa.Column("organisation_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_agreement")),
    )
    seat = op.create_table(
        "seat",
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_seat")),
    )
    for row in kept["directory_version"]:
        bind.execute(version.insert().values(**row, edition=_FIRST, seats=_FIRST))
    for row in kept["organisation"]:
        bind.execute(organisation.insert().values(**row, edition=_FIRST))
    for row in kept["service"]:
        facts = {name: row[name] for name in ("id", "position", "document", "capacity")}
        bind.execute(service.insert().values(**facts, edition=_FIRST))
        if row["reserved"]:
            bind.execute(seat.insert().values(service_id=row["id"], reserved=row["reserved"]))
    for row in kept["agreement"]:
        bind.execute(agreement.insert().values(**row))


def _edition(name: str, *columns: sa.Column[int]) -> sa.Table:
    return op.create_table(
        name,
        sa.Column("edition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("edition", "id", name=op.f(f"pk_{name}")),
    )
