"""The pods that the tasks make: what they may do, see and use."""

from __future__ import annotations

import importlib.util

import cali_pods
import jinja2
import pytest
from rendering import pod_of, rendered, seoul

MOMENT = seoul("2026-01-26T03:00")


def tasks(bag):
    found = [task for dag in bag.dags.values() for task in dag.tasks]
    assert len(found) == 6
    return found


def test_a_pod_meets_the_restricted_standard_and_has_no_token_of_the_cluster(bag):
    for task in tasks(bag):
        spec = pod_of(task, MOMENT).spec
        assert spec.security_context.run_as_non_root is True
        assert spec.security_context.run_as_user == 65532
        assert spec.security_context.seccomp_profile.type == "RuntimeDefault"
        assert spec.automount_service_account_token is False
        assert spec.enable_service_links is False
        assert not spec.host_network and not spec.host_pid and not spec.host_ipc
        assert not any(volume.host_path for volume in spec.volumes)
        [container] = spec.containers
        assert container.security_context.allow_privilege_escalation is False
        assert container.security_context.read_only_root_filesystem is True
        assert container.security_context.run_as_non_root is True
        assert container.security_context.capabilities.drop == ["ALL"]
        assert container.security_context.capabilities.add is None
        assert not container.security_context.privileged


def test_a_pod_is_bounded_in_time_memory_and_disk_and_runs_as_its_own_account(bag):
    accounts = set()
    for task in tasks(bag):
        pod = pod_of(task, MOMENT)
        assert 0 < pod.spec.active_deadline_seconds == task.execution_timeout.total_seconds() - 15 * 60
        [container] = pod.spec.containers
        assert container.resources.requests.keys() == {"cpu", "memory", "ephemeral-storage"}
        assert container.resources.limits.keys() == {"memory", "ephemeral-storage"}
        for volume in pod.spec.volumes:
            assert volume.empty_dir is None or volume.empty_dir.size_limit
        accounts.add(pod.spec.service_account_name)
        assert pod.metadata.namespace == "cali"
        assert pod.spec.restart_policy == "Never"
    assert accounts == {"cali-kb-sync", "cali-archive-compact", "cali-weekly-report"}


def test_a_task_waits_in_the_triggerer_and_keeps_the_pod_of_a_failure(bag):
    for task in tasks(bag):
        assert task.deferrable is True
        assert task.on_finish_action.value == "delete_succeeded_pod"
        assert task.do_xcom_push is False
        assert task.startup_timeout_seconds == 600


def test_the_image_is_the_one_that_was_chosen_and_there_is_none_by_default(bag):
    task = bag.dags["cali_weekly_report"].get_task("report")
    assert pod_of(task, MOMENT).spec.containers[0].image == "ghcr.io/example/cali@sha256:0123"
    assert pod_of(task, MOMENT).spec.containers[0].command in (None, [])
    elsewhere = rendered(task, MOMENT, variables={"cali_image": "cali:1", "cali_namespace": "logs"})
    assert (elsewhere.image, elsewhere.namespace) == ("cali:1", "logs")
    with pytest.raises(jinja2.UndefinedError, match="cali_image"):
        rendered(task, MOMENT, variables={})


@pytest.mark.parametrize(
    ("dag_id", "task_id", "files"),
    [
        (
            "cali_kb_refresh",
            "sync",
            {"CALI_MILVUS_TOKEN_FILE": "milvus-token", "CALI_POSTGRES_URL_FILE": "postgres-url"},
        ),
        ("cali_archive_compact", "compact", {}),
        (
            "cali_weekly_report",
            "report",
            {"CALI_POSTGRES_URL_FILE": "postgres-url", "CALI_SLACK_BOT_TOKEN_FILE": "slack-bot-token"},
        ),
    ],
)
def test_a_pod_sees_the_secrets_of_its_job_only_and_as_files(bag, dag_id, task_id, files):
    spec = pod_of(bag.dags[dag_id].get_task(task_id), MOMENT).spec
    [container] = spec.containers
    environment = {variable.name: variable for variable in container.env}
    assert {name for name in environment if name.endswith("_FILE")} == set(files)
    assert all(variable.value_from is None for variable in container.env) and not container.env_from
    for name, key in files.items():
        assert environment[name].value == f"/etc/cali/secrets/{key}"
    secrets = [volume.secret for volume in spec.volumes if volume.secret]
    assert {item.key for secret in secrets for item in secret.items} == set(files.values())
    for secret in secrets:
        assert (secret.secret_name, secret.default_mode) == ("cali-jobs", 0o440)
    assert all(mount.read_only for mount in container.volume_mounts if mount.mount_path.startswith("/etc"))


def pod_made_with(monkeypatch, component, **environment):
    """A pod as the file makes it where Airflow has these variables. A second copy of it: the DAGs keep the first."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("cali_pods_elsewhere", cali_pods.__file__)
    elsewhere = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(elsewhere)
    with elsewhere.cali_dag("elsewhere", cron="0 2 * * *", description="", doc_md=""):
        task = elsewhere.cali_task("job", ["doctor"], component=component, minutes=10)
    return pod_of(task, MOMENT).spec


@pytest.mark.parametrize("component", ["kb-sync", "archive-compact", "weekly-report"])
def test_a_pod_has_the_certificate_authorities_that_are_named_and_cannot_change_them(monkeypatch, component):
    spec = pod_made_with(monkeypatch, component, CALI_CA_CONFIG_MAP="rds-ca")
    [volume] = [volume for volume in spec.volumes if volume.name == "ca"]
    assert (volume.config_map.name, volume.config_map.items) == ("rds-ca", None)
    [mount] = [mount for mount in spec.containers[0].volume_mounts if mount.name == "ca"]
    assert (mount.mount_path, mount.read_only, mount.sub_path) == ("/etc/cali/ca", True, None)


def test_without_certificate_authorities_nothing_is_mounted_for_them(bag, monkeypatch):
    specs = [pod_of(task, MOMENT).spec for task in tasks(bag)]
    specs.append(pod_made_with(monkeypatch, "kb-sync", CALI_CA_CONFIG_MAP=""))
    for spec in specs:
        assert [volume.config_map.name for volume in spec.volumes if volume.config_map] == ["cali"]
        assert not any(mount.mount_path == "/etc/cali/ca" for mount in spec.containers[0].volume_mounts)


def test_what_a_pod_may_write_to_is_a_folder_that_goes_with_it(bag):
    for task in tasks(bag):
        spec = pod_of(task, MOMENT).spec
        writable = {mount.name: mount.mount_path for mount in spec.containers[0].volume_mounts if not mount.read_only}
        assert set(writable.values()) == {"/var/lib/cali", "/tmp"}
        assert all(volume.empty_dir for volume in spec.volumes if volume.name in writable)
