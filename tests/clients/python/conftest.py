"""Servers and clients that the tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from echointel import EchoIntelClient

from servers import ADMIN_SECRET, Server, binary


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """The client reads its defaults and its proxies from the environment; these tests want neither."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("ECHOINTEL_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        if not binary().exists():
            pytest.exit(f"there is no executable at {binary()}; build it or set CLIENTELA_BIN", 2)
        yield


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that needs no credentials."""
    server = Server(tmp_path_factory.mktemp("open") / "data", "--open")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def secured_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an admin secret that serves nobody without credentials."""
    data_dir = tmp_path_factory.mktemp("secured") / "data"
    server = Server(data_dir, admin_secret=ADMIN_SECRET)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def gateway_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an admin secret that serves requests without credentials as one tenant.

    The tenant must exist first, so the data directory is used by two servers, one after the other.
    """
    data_dir: Path = tmp_path_factory.mktemp("gateway") / "data"
    first = Server(data_dir, admin_secret=ADMIN_SECRET)
    try:
        with EchoIntelClient(first.url, admin_secret=ADMIN_SECRET, retry_attempts=1) as admin:
            tenant = admin.create_customer({"name": "whoever comes through the gateway"})
    finally:
        first.stop()
    server = Server(
        data_dir, "--anonymous-tenant", tenant["customer_api_id"], admin_secret=ADMIN_SECRET
    )
    yield server
    server.stop()


@pytest.fixture
def admin(secured_server: Server) -> Iterator[EchoIntelClient]:
    """A client of the secured server that has the admin secret and no tenant."""
    with EchoIntelClient(secured_server.url, admin_secret=ADMIN_SECRET, retry_attempts=1) as client:
        yield client
