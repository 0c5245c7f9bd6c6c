"""Tells Slack about a task that failed for good, where there is a connection for it; otherwise the log says so."""

from __future__ import annotations

import logging
from typing import Any

CONNECTION = "cali_slack"

log = logging.getLogger(__name__)


def tell_slack(context: dict[str, Any]) -> None:
    """Callback of a task that has no try left. Whatever goes wrong here must not hide why the task failed."""
    # Imported here: files are parsed every few seconds, and this is needed only when something failed.
    from airflow.exceptions import AirflowNotFoundException
    from airflow.sdk import Connection

    ti = context["ti"]
    what = f"{ti.dag_id}.{ti.task_id}, run {context['run_id']}"
    try:
        Connection.get(CONNECTION)
    except AirflowNotFoundException:
        log.warning("%s failed, and nobody was told: there is no connection %s", what, CONNECTION)
        return
    try:
        from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

        text = f":x: {what} failed after {ti.try_number} tries. <{ti.log_url}|Log>"
        SlackWebhookNotifier(slack_webhook_conn_id=CONNECTION, text=text).notify(context)
    except Exception:
        log.exception("%s failed, and Slack could not be told through the connection %s", what, CONNECTION)
