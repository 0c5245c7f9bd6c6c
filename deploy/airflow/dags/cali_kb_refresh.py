"""
Every night: the shared knowledge store holds exactly the runbooks of this configuration, and answers.

Rows are compared by the hash of their content, so a second run writes nothing. The smoke questions fail the run when
the store is away, answers nothing, or does not find the page that quotes the error: searches of a running CALI would go
on with the pages at hand, and nobody would notice.
"""

from __future__ import annotations

# Airflow looks only into files that hold its name and the word dag: this line names both.
from cali_pods import cali_dag, cali_task

# Bundled runbooks, one found by the words of the error and one through the Korean glossary.
SMOKE = {
    "smoke_english": (
        "db-pool-exhausted",
        "HikariPool-1 - Connection is not available, request timed out after 30000ms",
    ),
    "smoke_korean": ("disk-full", "디스크 공간이 부족해서 쓰기에 실패했습니다"),
}

with cali_dag(
    "cali_kb_refresh",
    cron="0 2 * * *",
    description="Runbooks into Milvus, then a question that must be answered",
    doc_md=__doc__,
):
    sync = cali_task("sync", ["kb", "sync", "--json"], component="kb-sync", minutes=30)
    sync >> [
        cali_task(task_id, ["kb", "search", "--json", "--expect", page, question], component="kb-sync", minutes=10)
        for task_id, (page, question) in SMOKE.items()
    ]
