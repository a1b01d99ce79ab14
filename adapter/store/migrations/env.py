"""Where do the scripts run? On the connection that the caller holds, inside its transaction."""

from alembic import context

from adapter.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
