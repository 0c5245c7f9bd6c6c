"""
Every night: one day of the archive is proved whole, then written once more as Parquet beside it. Nothing is deleted.

Which day: the archive's partitions (`dt=`) are UTC days by arrival. At 03:00 in Seoul it is 18:00 UTC of the day
before, so the last whole UTC day ended 18 hours ago; that one is taken. By the calendar of Seoul it is the day before
yesterday. Yesterday's partition would still grow for six hours. A consumer that is more than 18 hours behind still
writes into the day: run the DAG again with that `date` once it has caught up.

The day is the run's, not the clock's: a repeated run does the same day again, and `cali archive compact` of a day that
is done changes nothing. A run with the parameter `date` does that day. A day without any object fails `verify`: that a
whole day brought nothing is something to look at.
"""

from __future__ import annotations

from airflow.sdk import Param
from cali_pods import cali_dag, cali_task

DAY = "{{ params.date or day_before_in_utc(logical_date or dag_run.run_after) }}"
NEXT = "{{ next_day(params.date or day_before_in_utc(logical_date or dag_run.run_after)) }}"

with cali_dag(
    "cali_archive_compact",
    cron="0 3 * * *",
    description="Yesterday's archive (UTC): proved whole, then as Parquet",
    params={
        "date": Param(
            None, type=["null", "string"], format="date", description="UTC day to do, e.g. 2026-01-20. Empty: the run's"
        )
    },
    doc_md=__doc__,
):
    verify = cali_task(
        "verify",
        ["archive", "verify", "--from", f"{DAY}T00:00Z", "--to", f"{NEXT}T00:00Z"],
        component="archive-compact",
        minutes=120,
    )
    compact = cali_task(
        "compact",
        ["archive", "compact", "--date", DAY],
        component="archive-compact",
        minutes=180,
        cpu="1",
        memory="2Gi",
        scratch="10Gi",
    )
    verify >> compact
