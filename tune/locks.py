"""Who works on which candidate: a table beside Optuna's in the same database, whose primary key lets one worker alone have a
candidate. A worker that is alive renews the heartbeat of its locks; those of a dead one are taken over."""
import json
import os
import socket
import time
import uuid

import sqlalchemy as sql

HEARTBEAT = 5  # seconds between heartbeats
STALE = 60  # seconds after which a worker of another machine counts as dead

METADATA = sql.MetaData()
TABLE = sql.Table("kiln_locks", METADATA, sql.Column("study", sql.String(256), primary_key=True),
                  sql.Column("point", sql.String(512), primary_key=True), sql.Column("trial", sql.Integer),
                  sql.Column("owner", sql.String(256)), sql.Column("heartbeat", sql.Float), sql.Column("done", sql.Boolean))


def make_table(engine):
    METADATA.create_all(engine)


def started(pid):
    """When a process of this machine began, in clock ticks; None where there is none. A pid alone may be used again."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[19]
    except OSError:
        return None


def me():
    return f"{socket.gethostname()}/{os.getpid()}/{started(os.getpid())}/{uuid.uuid4().hex}"


def known_dead(owner):
    """That it was a process of this machine and is none any more."""
    host, pid, start, _ = owner.rsplit("/", 3)
    return host == socket.gethostname() and started(pid) != start


class Locks:
    def __init__(self, engine, study, clock=time.time):
        self.engine, self.study, self.owner, self.clock = engine, study, me(), clock
        self.table = TABLE

    def where(self, point, *more):
        return sql.and_(self.table.c.study == self.study, self.table.c.point == key(point), *more)

    def take(self, point, trial):
        """Whether the point was free, and now is this worker's."""
        row = {"study": self.study, "point": key(point), "trial": trial, "owner": self.owner,
               "heartbeat": self.clock(), "done": False}
        try:
            with self.engine.begin() as connection:
                connection.execute(self.table.insert().values(row))
            return True
        except sql.exc.IntegrityError:
            return False

    def take_over(self):
        """(point, trial that was lost) of a dead worker's claim, now this worker's; None where there is none. Of two workers
        that see it, one gets it."""
        for row in self.open():
            if row.owner == self.owner or not (known_dead(row.owner) or row.heartbeat < self.clock() - STALE):
                continue
            point = json.loads(row.point)
            with self.engine.begin() as connection:
                changed = connection.execute(self.table.update().where(
                    self.where(point, self.table.c.owner == row.owner, self.table.c.heartbeat == row.heartbeat)).values(
                        owner=self.owner, heartbeat=self.clock()))
            if changed.rowcount == 1:
                return point, row.trial
        return None

    def open(self):
        return [row for row in self.all() if not row.done]

    def set(self, point, **values):
        with self.engine.begin() as connection:
            connection.execute(self.table.update().where(self.where(point)).values(**values))

    def finish(self, point):
        self.set(point, done=True)

    def release(self, point):
        """It is free again, unless it is done."""
        mine = self.where(point, self.table.c.owner == self.owner, self.table.c.done.is_(False))
        with self.engine.begin() as connection:
            connection.execute(self.table.delete().where(mine))

    def heartbeat(self):
        with self.engine.begin() as connection:
            connection.execute(self.table.update().where(self.table.c.owner == self.owner,
                                                         self.table.c.done.is_(False)).values(heartbeat=self.clock()))

    def all(self):
        with self.engine.connect() as connection:
            return connection.execute(self.table.select().where(self.table.c.study == self.study)).all()

    def points(self):
        """All that are taken or done, as keys."""
        return {row.point for row in self.all()}


def key(point):
    return json.dumps(point, sort_keys=True)
