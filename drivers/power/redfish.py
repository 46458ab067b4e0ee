"""The power switch of a host with a Redfish board, over HTTPS."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from typing import Final

from cloudlab.errors import DriverFault

SECONDS: Final = 20.0


class RedfishSwitch:
    """Switches one system of a Redfish service.

    Source: DMTF DSP0266, `ComputerSystem.Reset` with ResetType ForceOff and On, `PowerState`.
    """

    def __init__(
        self, url: str, user: str, password: str, *, certificates: str | None = None
    ) -> None:
        """Talk to the service.

        Args:
            url: of the system, as `https://board/redfish/v1/Systems/1`.
            user: of the board.
            password: sent to the board and nowhere else.
            certificates: a PEM file of who may vouch for the board; the machine's own if not given.
        """
        self._url = url.rstrip("/")
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        secure = self._url.startswith("https://")
        self._context = ssl.create_default_context(cafile=certificates) if secure else None

    def off(self) -> None:
        """Cut the power at once."""
        self._reset("ForceOff", unless=False)

    def on(self) -> None:
        """Give power."""
        self._reset("On", unless=True)

    def is_on(self) -> bool:
        """Return whether the service says that the system has power, or is just getting it."""
        try:
            state = str(dict(json.loads(self._ask(self._url))).get("PowerState", ""))
        except (ValueError, TypeError) as error:
            raise DriverFault(f"{self._url} is no system of a Redfish service") from error
        if state in {"On", "PoweringOn", "PoweringOff"}:
            return True
        if state == "Off":
            return False
        raise DriverFault(f"{self._url} says {state!r} of its power")

    def _reset(self, kind: str, *, unless: bool) -> None:
        """Ask for a reset of this kind; boards refuse to switch off what is off."""
        if self.is_on() is not unless:
            action = f"{self._url}/Actions/ComputerSystem.Reset"
            self._ask(action, json.dumps({"ResetType": kind}).encode())

    def _ask(self, url: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(url, data, self._headers)  # noqa: S310  (checked below)
        if request.type not in {"http", "https"}:
            raise DriverFault(f"{url} is no address of a Redfish service; it begins with https://")
        try:
            with urllib.request.urlopen(  # noqa: S310  (http and https only)
                request, timeout=SECONDS, context=self._context
            ) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            raise DriverFault(f"{url} answered {error.code} {error.reason}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise DriverFault(f"{url} does not answer: {reason}") from error
