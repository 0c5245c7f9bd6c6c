"""
Monday morning: the report of the week that ended last night, Monday to Sunday in Seoul, to Slack.

The week is the run's, not the clock's: a repeated run reports the same week. A run with the parameter `week` reports
that one.
"""

from __future__ import annotations

from airflow.sdk import Param
from cali_pods import cali_dag, cali_task

WEEK = "{{ params.week or week_before_in_seoul(logical_date or dag_run.run_after) }}"

with cali_dag(
    "cali_weekly_report",
    cron="0 9 * * 1",
    description="Last week's incidents to Slack",
    params={
        "week": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$",
            description="ISO week to report, e.g. 2026-W04. Empty: the one before the run",
        )
    },
    doc_md=__doc__,
):
    cali_task("report", ["report", "weekly", "--week", WEEK, "--send"], component="weekly-report", minutes=30)
