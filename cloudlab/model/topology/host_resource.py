"""What the administrator wants of a host: in service, out of it, or in maintenance."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cloudlab.model.lifecycle import Lifecycle


class ResourceState(StrEnum):
    """What the administrator wants of the host (CloudStack's ResourceState)."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PREPARE_FOR_MAINTENANCE = "PrepareForMaintenance"
    ERROR_IN_MAINTENANCE = "ErrorInMaintenance"
    MAINTENANCE = "Maintenance"
    ERROR = "Error"


class ResourceEvent(StrEnum):
    """What an administrator, or an evacuation, does to a host (ResourceState.Event)."""

    INTERNAL_CREATED = "InternalCreated"
    ENABLE = "Enable"
    DISABLE = "Disable"
    ADMIN_ASK_MAINTENANCE = "AdminAskMaintenace"
    """The spelling is CloudStack's."""
    ADMIN_CANCEL_MAINTENANCE = "AdminCancelMaintenance"
    INTERNAL_ENTER_MAINTENANCE = "InternalEnterMaintenance"
    UNABLE_TO_MIGRATE = "UnableToMigrate"
    DELETE_HOST = "DeleteHost"
    ERROR = "Error"


_R, _RE = ResourceState, ResourceEvent

HOST_RESOURCE_LIFECYCLE: Final = Lifecycle(
    "host",
    "resource_state",
    ResourceState.CREATING,
    [
        (_R.CREATING, {_RE.INTERNAL_CREATED: _R.ENABLED, _RE.ERROR: _R.ERROR}),
        (
            _R.ENABLED,
            {
                _RE.ENABLE: _R.ENABLED,
                _RE.INTERNAL_CREATED: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.ADMIN_ASK_MAINTENANCE: _R.PREPARE_FOR_MAINTENANCE,
            },
        ),
        (
            _R.DISABLED,
            {
                _RE.ENABLE: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.DISABLED,
            },
        ),
        (
            _R.PREPARE_FOR_MAINTENANCE,
            {
                _RE.INTERNAL_ENTER_MAINTENANCE: _R.MAINTENANCE,
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.UNABLE_TO_MIGRATE: _R.ERROR_IN_MAINTENANCE,
                _RE.INTERNAL_CREATED: _R.PREPARE_FOR_MAINTENANCE,
            },
        ),
        (
            _R.ERROR_IN_MAINTENANCE,
            {
                _RE.INTERNAL_ENTER_MAINTENANCE: _R.MAINTENANCE,
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.DISABLE: _R.DISABLED,
                _RE.DELETE_HOST: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.ERROR_IN_MAINTENANCE,
            },
        ),
        (
            _R.MAINTENANCE,
            {
                _RE.ADMIN_CANCEL_MAINTENANCE: _R.ENABLED,
                _RE.DELETE_HOST: _R.DISABLED,
                _RE.INTERNAL_CREATED: _R.MAINTENANCE,
            },
        ),
        (_R.ERROR, {_RE.INTERNAL_CREATED: _R.ERROR}),
    ],
)
"""Source: CloudStack 4.0 `com.cloud.resource.ResourceState`."""
