"""A pre-fork server whose workers share one port and the memory maps of the index.

Granian reads requests and writes responses outside Python: idle, slow and half-open connections
occupy no Python thread, and a request reaches a worker when its headers are complete.
"""

import ctypes
import ipaddress
import logging
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from granian._granian import SocketHolder  # the one way to hand over an open socket
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from index.errors import IndexUnavailableError

_LOG = logging.getLogger(__name__)

HEADER_SECONDS = 10
"""How long a client may take to send its headers; the slowest mobile network needs two seconds."""

MAX_HEADER_BYTES = 65_536
"""Bytes of a request line and headers. A query of 2,000 letters of nine bytes each (%E1%BA%A1) has
18,000; nearly four times that leaves room for filters and cookies."""

MAX_CONNECTIONS = 4_096
"""Connections of one worker. Idle ones take a few kB, and those that send no headers are closed
after HEADER_SECONDS; further ones wait in the backlog. Arbitrary."""

MIN_FREE_FILES = 64
"""File descriptors reserved for the index if the process may open fewer than MAX_CONNECTIONS."""

LOAD_SECONDS = 10
"""How long to wait for a worker to start, which is only a fork; arbitrary."""

STOP_SECONDS = 8
"""How long running requests may take to finish when the server is stopped; arbitrary."""

CHECK_SECONDS = 1.0
"""How often a worker checks for a newer commit, if no request makes it check; arbitrary. Checking a
folder takes 25 us, checking a cluster takes a request to it."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

BACKLOG = 1_024
"""Connections that wait to be accepted: granian's default."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The address that a server listens on, and its number of processes and threads."""

    host: str
    port: int
    workers: int
    threads: int


def allow_files() -> int:
    """Raise the soft limit of open files to the hard limit, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = hard if hard != resource.RLIM_INFINITY else max(soft, 2 * MAX_CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def open_sockets(host: str, port: int, count: int) -> list[socket.socket]:
    """Return sockets that listen on the first address of a host, one per worker. Raises OSError.

    The kernel distributes connections over them (SO_REUSEPORT). If all workers shared one socket,
    the worker that happened to be awake would take a whole burst, such as the 32 keep-alive
    connections of a proxy, while the others are idle.
    """
    first = _open_socket(host, port)
    if count == 1 or sys.platform != "linux":  # elsewhere the newest socket gets everything
        return [first] * count
    # The first socket, without SO_REUSEPORT, showed that the port is free (or chose one).
    port = first.getsockname()[1]
    first.close()
    return [_open_socket(host, port, shared=True) for _ in range(count)]


def check_periodically(check: Callable[[], object], seconds: float = CHECK_SECONDS) -> None:
    """Call `check` periodically as long as the process lives, whatever it raises.

    Requests report that an index is unavailable; of other errors in a row the first is logged.
    """
    failed = False
    while True:
        time.sleep(seconds)
        try:
            check()
            failed = False
        except IndexUnavailableError:
            failed = False
        except Exception:
            if not failed:
                _LOG.exception("cannot check for a newer commit; trying again")
            failed = True


def _open_socket(host: str, port: int, *, shared: bool = False) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise OSError(0, f"no address of this name is known ({error})") from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it. Without it the body waits until the client acknowledges
        # the headers, which many delay by 40 ms (Nagle's algorithm, RFC 896).
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    listening.set_inheritable(True)
    listening.setblocking(False)  # noqa: FBT003 - no name for it
    return listening


def shown_address(host: str, listening: socket.socket) -> str:
    """Return the URL of the root for a browser."""
    port = listening.getsockname()[1]
    try:
        name = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        name = host
    return f"http://{name}:{port}/"


class Server(MPServer):
    """Granian on sockets that are already open, so that the port is known and exclusively ours."""

    def __init__(
        self,
        application: Any,  # noqa: ANN401 - a WSGI application
        options: ServerOptions,
        listening: Sequence[socket.socket],
        ready: Callable[[], None],
        check: Callable[[], object],
    ) -> None:
        """Use one socket per worker; call `ready` when all workers run.

        Each worker calls `check`, which opens a newer commit, every CHECK_SECONDS: one that had no
        requests for long would otherwise have missed commits, and the newest may be damaged.
        """
        super().__init__(
            target="timtin",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=options.threads,
            backpressure=max(1, min(MAX_CONNECTIONS, allow_files() - MIN_FREE_FILES)),
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            http1_settings=HTTP1Settings(
                header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=MAX_HEADER_BYTES
            ),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            respawn_interval=0.1,
            workers_kill_timeout=STOP_SECONDS,
        )
        self._application = application
        self._listening = listening
        self._ready = ready
        self._check = check
        self._loaded, self._loading = os.pipe()

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; restart workers that die. SIGHUP is ignored."""
        self.serve(target_loader=self._load, wrap_loader=False)

    def signal_handler_reload(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - granian's
        """Ignore SIGHUP, at which granian would restart the workers.

        They load nothing anew, and under load some connections were closed without an answer.
        """

    def startup(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - granian's own
        """Start the workers, and wait until each has loaded the application."""
        super().startup(*arguments, **named)  # type: ignore[no-untyped-call]
        for _ in range(self.workers):
            if not select.select([self._loaded], [], [], LOAD_SECONDS)[0]:
                break
            os.read(self._loaded, 1)
        self._ready()

    def _respawn_workers(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - granian's
        """Restart workers that died, however often.

        Granian stops a server if a worker dies twice within 5.5 s. Since the application is loaded
        before the fork, what kills workers is a truncated index file (SIGBUS); the next worker
        reports that, or the file has been restored.
        """
        super()._respawn_workers(*arguments, **named)
        self.respawned_wrks.clear()

    def _load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Return the application, in a worker."""
        _end_with_parent()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that closes sends it to all
        checking = threading.Thread(target=check_periodically, args=(self._check,), daemon=True)
        checking.start()
        os.write(self._loading, b".")
        return self._application

    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._sso = None

    def _spawn_worker(self, idx: int, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Return the process of a worker on its own socket, also when it is restarted."""
        holder: Any = SocketHolder  # the stub declares no arguments
        self._shd = holder(self._listening[idx].fileno(), False, BACKLOG)  # noqa: FBT003
        return super()._spawn_worker(idx, *arguments, **named)


def _end_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, so that the port becomes free."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
