"""Serving the page from this machine until interrupted."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import webbrowser
from collections.abc import Mapping, Sequence

import uvicorn

from collabsim.app.server import LOOPBACK, application, prepare
from collabsim.errors import InputError
from collabsim.lesson_files import Lesson
from collabsim.scenario import Scenario

FIRST_PORT, PORTS_TRIED = 8765, 20


def serve(
    offered: Mapping[str, Scenario],
    start: str,
    lessons: Sequence[Lesson] = (),
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    opens: bool = True,
    allowed_hosts: Sequence[str] = (),
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    offered, start, lessons
        As for :func:`~collabsim.app.server.application`.
    host
        The address to listen at.
    port
        The port; the first free one from 8765 on unless given.
    opens
        Whether to open it in a browser.
    allowed_hosts
        More names under which the server may be addressed.

    Raises
    ------
    InputError
        If the port is taken, the address is not this machine's, or two partnerships have one name.
    """
    names = (*LOOPBACK, *(() if host == "0.0.0.0" else (host,)), *allowed_hosts)
    app = application(offered, start, lessons, names)
    listener = _listener(host, port)
    address = f"http://{host if host != '0.0.0.0' else 'localhost'}:{listener.getsockname()[1]}/"
    # So that the first visitor does not wait.
    threading.Thread(target=prepare, args=(app,), daemon=True).start()
    print(f"The page is at {address} (Ctrl-C stops it)", flush=True)
    if opens:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", lifespan="off", server_header=False, timeout_keep_alive=5,
                       timeout_graceful_shutdown=2, limit_concurrency=200)
    )  # fmt: skip
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        listener.close()
    print("Stopped.", file=sys.stderr, flush=True)


def _listener(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens at a port, or at the first that is free."""
    wanted = range(FIRST_PORT, FIRST_PORT + PORTS_TRIED) if port is None else (port,)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for one in wanted:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, one))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                continue
            said = error.strerror or str(error)
            raise InputError(f"cannot listen at {host}, port {one}: {said}") from None
    if port is None:
        raise InputError(f"the ports {wanted[0]} to {wanted[-1]} are all taken; name another: --port N")
    raise InputError(f"port {port} is taken; name another, or leave --port out")
