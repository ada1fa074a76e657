"""The name of a winner's city in a further language.

Revision: 2026_11_30, after: 2026_11_22, made on 2026-11-30.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30"
down_revision = "2026_11_22"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the changes."""
    with op.batch_alter_table("winner_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("city", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("winner_text", schema=None) as batch_op:
        batch_op.drop_column("city")
