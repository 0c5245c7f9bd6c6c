"""Airflow for the tests: a home of its own, no examples, no cluster. Set before the first import of Airflow."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

DAGS = Path(__file__).resolve().parent.parent / "dags"

# Its own folder: Airflow would write to ~/airflow, or read settings that lie there.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="cali-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(DAGS)
# Names as the files have them, whatever the machine that runs the tests sets.
for name in ("CALI_RELEASE", "CALI_CONFIG_MAP", "CALI_CA_CONFIG_MAP", "CALI_SECRET", "CALI_SECRET_KEYS"):
    os.environ.pop(name, None)
sys.path.insert(0, str(DAGS))


@pytest.fixture(scope="session")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS))


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    """Building a pod asks whether this is a cluster, and would look for a kubeconfig."""
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

    monkeypatch.setattr(KubernetesHook, "is_in_cluster", False)
