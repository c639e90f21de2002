"""Rounds of candidates, a table beside Optuna's in the same database: every ratio that was measured, whenever it was."""
import json

import sqlalchemy as sql

from .locks import METADATA, key

TABLE = sql.Table("kiln_rounds", METADATA, sql.Column("id", sql.Integer, primary_key=True), sql.Column("study", sql.String(256), index=True),
                  sql.Column("point", sql.String(512)), sql.Column("rounds", sql.Text))  # null: it failed after rounds before


class Rounds:
    """Of a study."""

    def __init__(self, engine, study):
        self.engine, self.study = engine, study

    def add(self, point, rounds):
        """`rounds`: [[ratio a case] a round]; None where the candidate failed, so that it counts no more."""
        row = {"study": self.study, "point": key(point), "rounds": None if rounds is None else json.dumps(rounds)}
        with self.engine.begin() as connection:
            connection.execute(TABLE.insert().values(row))

    def all(self):
        """{key of a point: its rounds}"""
        with self.engine.connect() as connection:
            rows = connection.execute(TABLE.select().where(TABLE.c.study == self.study).order_by(TABLE.c.id)).all()
        failed = {row.point for row in rows if row.rounds is None}
        found = {}
        for row in rows:
            if row.point not in failed:
                found.setdefault(row.point, []).extend(json.loads(row.rounds))
        return found
