"""The last code of an authenticator, so that each signs in once.

Revision: 2026_12_01, after: 2026_11_30, made on 2026-12-01.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01"
down_revision = "2026_11_30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the changes."""
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tf_last_counter", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("tf_last_counter")
