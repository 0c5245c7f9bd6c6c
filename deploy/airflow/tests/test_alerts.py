"""Telling Slack: through the connection if there is one, and never in the way of the failure itself."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import cali_alerts
import pytest
from airflow.exceptions import AirflowNotFoundException
from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier
from airflow.sdk import Connection

CONTEXT = {
    "ti": SimpleNamespace(
        dag_id="cali_kb_refresh", task_id="sync", try_number=3, log_url="https://airflow.example/log"
    ),
    "run_id": "scheduled__2026-01-21",
}


@pytest.fixture
def sent(monkeypatch):
    texts = []
    monkeypatch.setattr(SlackWebhookNotifier, "notify", lambda self, context: texts.append(self.text))
    return texts


def test_without_the_connection_nobody_is_told_and_the_log_says_so(monkeypatch, sent, caplog):
    def missing(conn_id):
        raise AirflowNotFoundException(conn_id)

    monkeypatch.setattr(Connection, "get", missing)
    with caplog.at_level(logging.WARNING):
        cali_alerts.tell_slack(CONTEXT)
    assert sent == []
    assert "there is no connection cali_slack" in caplog.text


def test_with_the_connection_the_message_names_task_run_and_log(monkeypatch, sent):
    monkeypatch.setattr(Connection, "get", lambda conn_id: SimpleNamespace(conn_id=conn_id))
    cali_alerts.tell_slack(CONTEXT)
    assert sent == [
        ":x: cali_kb_refresh.sync, run scheduled__2026-01-21 failed after 3 tries. <https://airflow.example/log|Log>"
    ]


def test_slack_that_cannot_be_told_is_logged_and_raises_nothing(monkeypatch, caplog):
    def refused(self, context):
        raise RuntimeError("invalid_token")

    monkeypatch.setattr(Connection, "get", lambda conn_id: SimpleNamespace(conn_id=conn_id))
    monkeypatch.setattr(SlackWebhookNotifier, "notify", refused)
    cali_alerts.tell_slack(CONTEXT)
    assert "Slack could not be told" in caplog.text
