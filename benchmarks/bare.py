"""The reference of every ratio: a FastAPI route with one prebuilt Core insert, on the same engine settings."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel

metadata = sa.MetaData()
table = sa.Table(
    "bare_insert",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("occurred_on", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
)
INSERT = table.insert()


class Body(BaseModel):
    """What a fact carries, so that both routes read as much JSON."""

    type: str
    occurred_on: str
    data: dict[str, Any]


def app_from_environment() -> FastAPI:
    """Return the reference app on the database of BARE_DATABASE."""
    engine = _engine(os.environ["BARE_DATABASE"])
    metadata.create_all(engine)
    app = FastAPI()

    @app.post("/bare", status_code=201)
    def bare(body: Body) -> dict[str, Any]:
        with _transaction(engine) as connection:
            connection.execute(
                INSERT, {"kind": body.type, "occurred_on": body.occurred_on, "payload": json.dumps(body.data)}
            )
        return {"type": body.type, "occurred_on": body.occurred_on}

    return app


@contextmanager
def _transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        yield connection


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=20)
    # As the house writes to SQLite: one connection, WAL, full durability, the write lock taken at once.
    engine = sa.create_engine(url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0)

    @sa.event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:  # noqa: ANN401 -- a driver's connection has no common type
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
