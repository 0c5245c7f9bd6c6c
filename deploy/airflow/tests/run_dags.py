"""Runs each DAG once with Airflow's own runner and a real metadata database; only the cluster is left out.

    python run_dags.py

Templates, macros, Variables, dependencies, states and callbacks are Airflow's. Instead of being started, each pod is
built, and its arguments are compared with what the date asks for. Then one pod fails: what depends on it must not run.
"""

from __future__ import annotations

import os
import subprocess
import sys

# Before anything else: it prepares the environment that Airflow reads when it is imported.
from conftest import DAGS

os.environ["AIRFLOW_VAR_CALI_IMAGE"] = "ghcr.io/example/cali@sha256:0123"
os.environ["AIRFLOW_VAR_CALI_NAMESPACE"] = "logs"

EXPECTED = {
    "cali_kb_refresh": {
        "sync": ["kb", "sync", "--json"],
        "smoke_english": ["kb", "search", "--json", "--expect", "db-pool-exhausted"],
        "smoke_korean": ["kb", "search", "--json", "--expect", "disk-full"],
    },
    "cali_archive_compact": {
        "verify": ["archive", "verify", "--from", "2026-01-24T00:00Z", "--to", "2026-01-25T00:00Z"],
        "compact": ["archive", "compact", "--date", "2026-01-24"],
    },
    "cali_weekly_report": {"report": ["report", "weekly", "--week", "2026-W04", "--send"]},
}


def main() -> int:
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
    from airflow.dag_processing.dagbag import DagBag
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from rendering import seoul

    ran: dict[str, dict[str, list[str]]] = {}
    failing: set[str] = set()

    def execute(self, context):
        pod = self.build_pod_request_obj(context)
        [container] = pod.spec.containers
        assert container.image == "ghcr.io/example/cali@sha256:0123", container.image
        assert pod.metadata.namespace == "logs", pod.metadata.namespace
        ran.setdefault(self.dag_id, {})[self.task_id] = container.args
        if self.task_id in failing:
            raise RuntimeError("the pod failed, as this test wants")

    KubernetesHook.is_in_cluster = False
    KubernetesPodOperator.execute = execute
    dags = DagBag(dag_folder=str(DAGS)).dags

    def run(dag_id: str) -> tuple[str, dict[str, list[str]]]:
        ran.pop(dag_id, None)
        state = dags[dag_id].test(logical_date=seoul("2026-01-26T03:00")).state
        print(f"{dag_id}: {state}, ran {sorted(ran.get(dag_id, {}))}", flush=True)
        return str(state), ran.get(dag_id, {})

    faults = [f"there is no DAG {dag_id}" for dag_id in EXPECTED.keys() - dags.keys()]
    faults += [f"{dag_id}: this test does not know it" for dag_id in dags.keys() - EXPECTED.keys()]
    for dag_id in sorted(EXPECTED.keys() & dags.keys()):
        state, got = run(dag_id)
        wanted = EXPECTED[dag_id]
        got = {task_id: args[: len(wanted.get(task_id, args))] for task_id, args in got.items()}
        if state != "success" or got != wanted:
            faults.append(f"{dag_id}: ended as {state} and ran {got}; the date asks for {wanted}")

    if not faults:
        failing.add("verify")
        # Else the runner waits minutes before it tries again.
        for task in dags["cali_archive_compact"].tasks:
            task.retries = 0
        state, got = run("cali_archive_compact")
        if state != "failed" or set(got) != {"verify"}:
            faults.append(f"cali_archive_compact: verify failed, but it ended as {state} and ran {sorted(got)}")

    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
