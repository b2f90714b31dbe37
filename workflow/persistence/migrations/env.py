"""Runs the migrations on the connection it is handed; there is no other way to start them."""

from alembic import context

from workflow.persistence.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # Our SQLite engine begins its transactions itself, so a migration that fails leaves nothing behind there either.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
