"""Makes the next release of this tree: one more migration that only adds, and rules that fold everybody anew."""

import re
import shutil
from pathlib import Path

from workflow.persistence.migrations import newest_revision

TREE = Path(__file__).parents[3]
PACKAGES = ("workflow", "api", "scheduler")
REVISION = "0099"
_GENERATION = re.compile(r"^RULES_GENERATION = (\d+)$", re.MULTILINE)
# As docs/decisions/0027 has it: a column that may be empty, a table, and an index that is built beside the work.
_MIGRATION = f'''"""What the next release adds."""

import sqlalchemy as sa
from alembic import op

revision = "{REVISION}"
down_revision = "{newest_revision()}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("ward", sa.String(), nullable=True))
    op.create_table("ward", sa.Column("id", sa.String(), primary_key=True))
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '10min'")
        op.execute("DROP INDEX IF EXISTS ix_patient_ward")
        op.create_index("ix_patient_ward", "patient", ["ward"], postgresql_concurrently=True)
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.drop_table("ward")
    op.drop_column("patient", "ward")
'''


def make_next_release(folder: Path) -> int:
    """Copy this tree into a folder as the next release, and return the generation of its rules."""
    for package in PACKAGES:
        shutil.copytree(TREE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    versions = folder / "workflow" / "persistence" / "migrations" / "versions"
    (versions / f"{REVISION}_next_release.py").write_text(_MIGRATION, encoding="utf-8")
    bootstrap = folder / "workflow" / "bootstrap.py"
    source = bootstrap.read_text(encoding="utf-8")
    (generation,) = (int(number) + 1 for number in _GENERATION.findall(source))
    bootstrap.write_text(_GENERATION.sub(f"RULES_GENERATION = {generation}", source), encoding="utf-8")
    return generation
