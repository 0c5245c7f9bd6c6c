"""What a task would run for a moment: its templates filled in, its pod built. No database, no cluster."""

from __future__ import annotations

import copy
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")


class Variables(SimpleNamespace):
    """`var.value` of a template."""

    def get(self, name: str, default: Any = None) -> Any:
        return getattr(self, name, default)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def rendered(task, moment: datetime | None, *, params=None, started: datetime | None = None, variables=None):
    """A copy of the task with its fields as they would be in the run of this moment."""
    variables = {"cali_image": "ghcr.io/example/cali@sha256:0123"} if variables is None else variables
    context = {
        "params": {**{name: None for name in task.dag.params}, **(params or {})},
        "logical_date": moment,
        "dag_run": SimpleNamespace(run_after=started or moment),
        "var": SimpleNamespace(value=Variables(**variables)),
    }
    copied = copy.copy(task)
    copied.render_template_fields(context)
    return copied


def pod_of(task, moment: datetime):
    return rendered(task, moment).build_pod_request_obj(context=None)
