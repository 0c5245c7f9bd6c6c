"""Shape of the DAGs: they import, run on the clock of Seoul, and give the same arguments for the same date."""

from __future__ import annotations

import copy
from datetime import timedelta, timezone

import pytest
from rendering import rendered, seoul

TASKS = {
    "cali_kb_refresh": {"sync": set(), "smoke_english": {"sync"}, "smoke_korean": {"sync"}},
    "cali_archive_compact": {"verify": set(), "compact": {"verify"}},
    "cali_weekly_report": {"report": set()},
}


def test_every_file_imports_and_the_dags_are_these(bag):
    assert bag.import_errors == {}
    assert {dag_id: {t.task_id: t.upstream_task_ids for t in dag.tasks} for dag_id, dag in bag.dags.items()} == TASKS


@pytest.mark.parametrize(
    ("dag_id", "after", "first", "second"),
    [
        ("cali_kb_refresh", "2026-01-21T12:00", "2026-01-22T02:00", "2026-01-23T02:00"),
        ("cali_archive_compact", "2026-01-21T12:00", "2026-01-22T03:00", "2026-01-23T03:00"),
        # From a Wednesday to the next two Mondays.
        ("cali_weekly_report", "2026-01-21T12:00", "2026-01-26T09:00", "2026-02-02T09:00"),
    ],
)
def test_a_dag_runs_at_its_hour_in_seoul(bag, dag_id, after, first, second):
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    timetable = coerce_to_core_timetable(bag.dags[dag_id].timetable)
    restriction = TimeRestriction(earliest=seoul(after), latest=None, catchup=True)
    one = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    two = timetable.next_dagrun_info(last_automated_data_interval=one.data_interval, restriction=restriction)
    assert [one.run_after, two.run_after] == [seoul(first), seoul(second)]
    # The date that arguments are made of is the moment of the run, not the start of an interval.
    assert one.logical_date == one.run_after


@pytest.mark.parametrize("dag_id", TASKS)
def test_runs_do_not_overlap_and_missed_ones_are_not_made_up_for_by_themselves(bag, dag_id):
    dag = bag.dags[dag_id]
    assert (dag.max_active_runs, dag.catchup, dag.tags) == (1, False, {"cali"})
    assert dag.doc_md and dag.description


@pytest.mark.parametrize("dag_id", TASKS)
def test_a_task_is_tried_three_times_ever_later_and_then_somebody_is_told(bag, dag_id):
    for task in bag.dags[dag_id].tasks:
        assert task.retries == 2
        assert task.retry_delay == timedelta(minutes=5)
        assert task.retry_exponential_backoff
        assert task.max_retry_delay == timedelta(minutes=30)
        callback = task.on_failure_callback
        names = [one.__name__ for one in (callback if isinstance(callback, (list, tuple)) else [callback])]
        assert names == ["tell_slack"]


def arguments(bag, dag_id, task_id, moment, **more):
    return rendered(bag.dags[dag_id].get_task(task_id), moment, **more).arguments


@pytest.mark.parametrize(
    ("run", "day", "next_day"),
    [
        ("2026-01-22T03:00", "2026-01-20", "2026-01-21"),
        ("2026-03-02T03:00", "2026-02-28", "2026-03-01"),
        ("2027-01-01T03:00", "2026-12-30", "2026-12-31"),
        ("2028-03-02T03:00", "2028-02-29", "2028-03-01"),
    ],
)
def test_the_archive_is_compacted_for_the_last_day_that_is_whole_in_utc(bag, run, day, next_day):
    moment = seoul(run)
    assert arguments(bag, "cali_archive_compact", "compact", moment) == ["archive", "compact", "--date", day]
    verify = ["archive", "verify", "--from", f"{day}T00:00Z", "--to", f"{next_day}T00:00Z"]
    assert arguments(bag, "cali_archive_compact", "verify", moment) == verify


@pytest.mark.parametrize(
    ("run", "week"),
    [
        ("2026-01-26T09:00", "2026-W04"),
        ("2027-01-04T09:00", "2026-W53"),
        ("2025-01-06T09:00", "2025-W01"),
        ("2024-12-30T09:00", "2024-W52"),
    ],
)
def test_the_report_is_of_the_week_before(bag, run, week):
    assert arguments(bag, "cali_weekly_report", "report", seoul(run)) == ["report", "weekly", "--week", week, "--send"]


def test_the_zone_in_which_a_moment_is_written_changes_nothing(bag):
    for dag_id, tasks in TASKS.items():
        for task_id in tasks:
            moment = seoul("2026-01-26T03:00")
            in_utc = moment.astimezone(timezone.utc)
            assert arguments(bag, dag_id, task_id, moment) == arguments(bag, dag_id, task_id, in_utc)


@pytest.mark.parametrize("dag_id", TASKS)
def test_the_same_date_gives_the_same_arguments_however_late_and_often_it_runs(bag, dag_id):
    moment = seoul("2026-01-26T03:00")
    for task in bag.dags[dag_id].tasks:
        once = rendered(task, moment, started=moment).arguments
        later = rendered(task, moment, started=moment + timedelta(days=9)).arguments
        assert once == later
        assert not any("{{" in argument for argument in once)


def test_a_run_by_hand_does_the_day_or_week_that_it_names_else_that_of_its_start(bag):
    none, started = None, seoul("2026-01-22T15:00")
    compact = arguments(bag, "cali_archive_compact", "compact", none, started=started, params={"date": "2025-12-31"})
    assert compact[-1] == "2025-12-31"
    verify = arguments(bag, "cali_archive_compact", "verify", none, started=started, params={"date": "2025-12-31"})
    assert verify[2:] == ["--from", "2025-12-31T00:00Z", "--to", "2026-01-01T00:00Z"]
    assert arguments(bag, "cali_archive_compact", "compact", none, started=started)[-1] == "2026-01-21"
    report = arguments(bag, "cali_weekly_report", "report", none, started=started, params={"week": "2025-W52"})
    assert report[3] == "2025-W52"


@pytest.mark.parametrize(
    ("dag_id", "params"),
    [
        ("cali_archive_compact", {"date": "yesterday"}),
        ("cali_weekly_report", {"week": "2026-W54"}),
        ("cali_weekly_report", {"week": "last"}),
    ],
)
def test_a_date_or_week_that_is_none_is_refused_before_anything_runs(bag, dag_id, params):
    from airflow.sdk.exceptions import ParamValidationError

    checked = copy.deepcopy(bag.dags[dag_id].params)
    with pytest.raises(ParamValidationError):
        checked.update(params)
        checked.validate()
