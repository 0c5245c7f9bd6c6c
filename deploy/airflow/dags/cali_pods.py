"""Pods of the CALI jobs: the one place that says how a `cali` command runs under Airflow.

A pod is what the Helm chart's CronJobs start: the same image, arguments, service accounts, settings and secrets. The
DAG files only say which command, when, and with what date.

Names follow the chart's release. Variables of Airflow's own environment change them:

    CALI_RELEASE        full name of the release; service accounts are <release>-<component>. Default: cali
    CALI_CONFIG_MAP     ConfigMap with cali.yaml. Default: <release>
    CALI_CA_CONFIG_MAP  ConfigMap with certificate authorities: its keys are files in /etc/cali/ca. Default: none
    CALI_SECRET         Secret whose keys are named like SECRETS below. Default: <release>-jobs
    CALI_SECRET_KEYS    keys that this Secret has, comma-separated. Default: milvus-token,postgres-url,slack-bot-token

The image and the namespace are Airflow Variables, read when a task runs and not when the file is parsed: `cali_image`
(no default: an image that nobody chose is not run) and `cali_namespace` (default: cali).
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG, CronTriggerTimetable, Param
from cali_alerts import tell_slack
from kubernetes.client import models as k8s

SEOUL = "Asia/Seoul"

RELEASE = os.environ.get("CALI_RELEASE", "cali")
CONFIG_MAP = os.environ.get("CALI_CONFIG_MAP", RELEASE)
# What postgres.caFile and the like in cali.yaml name must be there in these pods as well: without the file a job ends.
CA_CONFIG_MAP = os.environ.get("CALI_CA_CONFIG_MAP", "")
SECRET = os.environ.get("CALI_SECRET", f"{RELEASE}-jobs")
SECRET_KEYS = frozenset(
    key.strip()
    for key in os.environ.get("CALI_SECRET_KEYS", "milvus-token,postgres-url,slack-bot-token").split(",")
    if key.strip()
)

# Key of the Secret -> variable that names its file. A pod sees only those of its component.
SECRETS = {
    "milvus-token": "CALI_MILVUS_TOKEN_FILE",
    "openai-api-key": "CALI_OPENAI_API_KEY_FILE",
    "openai-embedding-key": "CALI_OPENAI_EMBEDDING_KEY_FILE",
    "postgres-url": "CALI_POSTGRES_URL_FILE",
    "slack-bot-token": "CALI_SLACK_BOT_TOKEN_FILE",
    "slack-webhook-url": "CALI_SLACK_WEBHOOK_URL_FILE",
}
SECRETS_OF = {
    "kb-sync": ("milvus-token", "openai-api-key", "openai-embedding-key", "postgres-url"),
    # The archive's rights come from the service account (IRSA or Pod Identity), not from a secret.
    "archive-compact": (),
    # Reads the state only.
    "weekly-report": ("postgres-url", "slack-bot-token", "slack-webhook-url"),
}
SECRET_FOLDER = "/etc/cali/secrets"
CA_FOLDER = "/etc/cali/ca"


def day_before_in_utc(moment: datetime) -> str:
    """2026-01-22 03:00 in Seoul is 2026-01-21 18:00 UTC: the last day that is whole in UTC is 2026-01-20."""
    return (moment.astimezone(timezone.utc).date() - timedelta(days=1)).isoformat()


def next_day(day: str) -> str:
    return (datetime.fromisoformat(day).date() + timedelta(days=1)).isoformat()


def week_before_in_seoul(moment: datetime) -> str:
    """ISO week of the day a week before: on Monday 2026-01-26 in Seoul that is 2026-W04."""
    year, week, _ = (moment.astimezone(ZoneInfo(SEOUL)).date() - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}"


def cali_dag(dag_id: str, *, cron: str, description: str, params: dict[str, Param] | None = None, doc_md: str) -> DAG:
    """A DAG of one run at a time, on the clock of Seoul, whose arguments depend on its date alone."""
    return DAG(
        dag_id,
        description=description,
        doc_md=doc_md,
        # Said outright: what a plain cron string means for dates depends on a setting of the installation.
        schedule=CronTriggerTimetable(cron, timezone=SEOUL),
        start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo(SEOUL)),
        # Missed days are made up for on purpose, by a run with its date, and not all at once when a DAG is unpaused.
        catchup=False,
        max_active_runs=1,
        tags=["cali"],
        params=params or {},
        # A run that was started by hand may have no logical date: then the moment of its start counts.
        user_defined_macros={
            "day_before_in_utc": day_before_in_utc,
            "next_day": next_day,
            "week_before_in_seoul": week_before_in_seoul,
        },
        default_args={
            "owner": "cali",
            "retries": 2,
            "retry_delay": timedelta(minutes=5),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "on_failure_callback": tell_slack,
        },
    )


def cali_task(
    task_id: str,
    arguments: list[str],
    *,
    component: str,
    minutes: int,
    cpu: str = "250m",
    memory: str = "512Mi",
    scratch: str = "1Gi",
) -> KubernetesPodOperator:
    """One `cali` command in a pod of its own, for at most `minutes`."""
    files = [key for key in SECRETS_OF[component] if key in SECRET_KEYS]
    environment: dict[str, str] = {
        "CALI_CONFIG": "/etc/cali/cali.yaml",
        "CALI_DATA_DIR": "/var/lib/cali",
        "HOME": "/tmp",
        **{SECRETS[key]: f"{SECRET_FOLDER}/{key}" for key in files},
    }
    return KubernetesPodOperator(
        task_id=task_id,
        name=f"{RELEASE}-{task_id.replace('_', '-')}",
        namespace="{{ var.value.get('cali_namespace', 'cali') }}",
        image="{{ var.value.cali_image }}",
        # No `cmds`: the image's entrypoint is `cali`.
        arguments=arguments,
        # Those of the chart's pods: its network policies hold for these too.
        labels={
            "app.kubernetes.io/name": "cali",
            "app.kubernetes.io/instance": RELEASE,
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": "cali",
        },
        # Else an error about sending would be sent to CALI, fail, and be logged again.
        annotations={"fluentbit.io/exclude": "true"},
        service_account_name=f"{RELEASE}-{component}",
        automount_service_account_token=False,
        env_vars=environment,
        volumes=_volumes(files, scratch),
        volume_mounts=_mounts(files),
        container_resources=k8s.V1ResourceRequirements(
            requests={"cpu": cpu, "memory": memory, "ephemeral-storage": scratch},
            # No limit on the processor: a job that is throttled only takes longer.
            limits={"memory": memory, "ephemeral-storage": scratch},
        ),
        security_context=k8s.V1PodSecurityContext(
            run_as_non_root=True,
            run_as_user=65532,
            run_as_group=65532,
            fs_group=65532,
            seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
        ),
        container_security_context=k8s.V1SecurityContext(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=k8s.V1Capabilities(drop=["ALL"]),
        ),
        # Else a Service named cali-server would set CALI_SERVER_PORT to an address, which is read as a setting.
        full_pod_spec=k8s.V1Pod(spec=k8s.V1PodSpec(containers=[], enable_service_links=False)),
        # A waiting task holds no worker slot, only a line in the triggerer.
        deferrable=True,
        get_logs=True,
        do_xcom_push=False,
        # An image that is pulled to a node that is just being made takes minutes.
        startup_timeout_seconds=600,
        # Kubernetes ends a pod that hangs, also when Airflow is not there to do it; Airflow a task whose pod is gone.
        active_deadline_seconds=minutes * 60,
        execution_timeout=timedelta(minutes=minutes + 15),
        # A failed pod stays, to be looked at. Its log is in Airflow too.
        on_finish_action="delete_succeeded_pod",
        # The pod's specification names no secret's value, but is long, and is in Kubernetes.
        log_pod_spec_on_failure=False,
    )


def _volumes(files: list[str], scratch: str) -> list[Any]:
    volumes = [
        k8s.V1Volume(name="config", config_map=k8s.V1ConfigMapVolumeSource(name=CONFIG_MAP)),
        k8s.V1Volume(name="data", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit=scratch)),
        k8s.V1Volume(name="tmp", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="256Mi")),
    ]
    if CA_CONFIG_MAP:
        volumes.append(k8s.V1Volume(name="ca", config_map=k8s.V1ConfigMapVolumeSource(name=CA_CONFIG_MAP)))
    if files:
        items = [k8s.V1KeyToPath(key=key, path=key) for key in files]
        secret = k8s.V1SecretVolumeSource(secret_name=SECRET, items=items, default_mode=0o440)
        volumes.append(k8s.V1Volume(name="secrets", secret=secret))
    return volumes


def _mounts(files: list[str]) -> list[Any]:
    mounts = [
        k8s.V1VolumeMount(name="config", mount_path="/etc/cali/cali.yaml", sub_path="cali.yaml", read_only=True),
        k8s.V1VolumeMount(name="data", mount_path="/var/lib/cali"),
        k8s.V1VolumeMount(name="tmp", mount_path="/tmp"),
    ]
    if CA_CONFIG_MAP:
        mounts.append(k8s.V1VolumeMount(name="ca", mount_path=CA_FOLDER, read_only=True))
    if files:
        mounts.append(k8s.V1VolumeMount(name="secrets", mount_path=SECRET_FOLDER, read_only=True))
    return mounts
