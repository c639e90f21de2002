"""A PostgreSQL server of its own in a temporary folder, reached by a socket there. As root, its programs run as the user
postgres, whom Debian's package makes: PostgreSQL refuses to run as root."""
import contextlib
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile


def programs():
    """The folder of initdb and pg_ctl; None where there is no server."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    path = shutil.which("initdb") or (found[-1] if found else None)
    return pathlib.Path(path).resolve().parent if path else None


def as_user():
    if os.getuid() != 0:
        return []
    return [shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"), "-u", "postgres", "--"]


@contextlib.contextmanager
def server():
    """Its SQLAlchemy URL."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        data = f"{folder}/data"

        def call(program, *arguments):
            subprocess.run([*as_user(), str(programs() / program), *arguments], cwd="/", check=True, capture_output=True, timeout=120)
        call("initdb", "-D", data, "-A", "trust", "-U", "kiln")
        call("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", f"-k {folder} -c listen_addresses=''", "start")
        try:
            yield f"postgresql://kiln@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
