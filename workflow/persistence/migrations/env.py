"""Runs the migrations on the connection it is handed; there is no other way to start them."""

from alembic import context

from workflow.persistence.tables import METADATA

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=METADATA,
    # Our SQLite engine begins its transactions itself, so a migration that fails leaves nothing behind there either.
    transactional_ddl=True,
    # The locks of one migration are given back before the next one asks for its own.
    transaction_per_migration=True,
    on_version_apply=given["on_version_apply"],
)
with context.begin_transaction():
    context.run_migrations()
