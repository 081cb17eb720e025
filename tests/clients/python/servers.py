"""Starts and stops the executable under test."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
ADMIN_SECRET = "an admin secret of more than 32 characters, for tests only"
START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 10.0
ADDRESS = re.compile(rb"http://127\.0\.0\.1:[0-9]+")


def binary() -> Path:
    """The executable: CLIENTELA_BIN, else the release build of this checkout."""
    return Path(os.environ.get("CLIENTELA_BIN", REPOSITORY / "target/release/clientela"))


class Server:
    """One running `clientela serve` on a free port of the loopback interface."""

    def __init__(self, data_dir: Path, *arguments: str, admin_secret: str | None = None) -> None:
        command = [str(binary()), "serve", *arguments, "--listen", "127.0.0.1:0"]
        command += ["--data-dir", str(data_dir)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CLIENTELA_")}
        if admin_secret is not None:
            environment["CLIENTELA_ADMIN_SECRET"] = admin_secret
        data_dir.mkdir(parents=True, exist_ok=True)
        # A file cannot fill up and block the server, as a pipe that nobody reads would.
        self.log = data_dir.with_name(f"{data_dir.name}-{time.monotonic_ns()}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        try:
            self.url = self._wait_for_address()
        except BaseException:
            self.stop()
            raise

    def _wait_for_address(self) -> str:
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < give_up_at:
            found = ADDRESS.search(self.log.read_bytes())
            if found:
                return found.group().decode()
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(
            f"the server printed no address (exit code {self.process.poll()}):\n"
            + self.log.read_text(errors="replace")
        )

    def stop(self) -> int:
        """Asks the server to finish and returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
