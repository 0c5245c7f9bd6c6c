"""The files themselves, before anything runs; the same check works without Airflow."""

from __future__ import annotations

import subprocess
import sys

import pytest
from static_check import DAGS, check


def test_the_files_import_little_and_do_nothing_when_they_are_read():
    found = check(DAGS)
    assert found["faults"] == []
    assert len(found["commands"]) == 5


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("from airflow.decorators import dag\n", "imports airflow.decorators"),
        ("from airflow.models import Variable\n", "imports airflow.models"),
        ("import pandas\n", "imports pandas"),
        ("import subprocess\n", "imports subprocess"),
        ("def f():\n    import urllib.request\n", "imports urllib.request"),
        ("print('read')\n", "calls something when the file is read"),
        ("from cali_pods import cali_dag\nwith cali_dag('a'):\n    pass\n", "does not hold the word airflow"),
        ("def f(:\n", "invalid syntax"),
    ],
)
def test_the_check_finds(tmp_path, text, fault):
    (tmp_path / "one.py").write_text(text, encoding="utf-8")
    [found] = check(tmp_path)["faults"]
    assert fault in found


def test_reading_a_dag_file_loads_no_client_of_slack_and_no_database():
    """In a process of its own: here the other tests have loaded them."""
    code = (
        "import sys; import cali_kb_refresh, cali_archive_compact, cali_weekly_report; "
        "print([m for m in ('slack_sdk', 'pandas', 'airflow.providers.slack.hooks') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=DAGS, capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.strip().splitlines()[-1] == "[]"
