mock_provider "aws" {}

variables {
  vpc_id                    = "vpc-0a"
  subnet_ids                = ["subnet-0a", "subnet-0b"]
  client_security_group_ids = { nodes = "sg-0a" }
}

run "the_database_is_encrypted_private_and_protected" {
  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && !aws_db_instance.this[0].publicly_accessible
    error_message = "Encrypted, and without a public address."
  }

  assert {
    condition     = aws_db_instance.this[0].deletion_protection && !aws_db_instance.this[0].skip_final_snapshot && aws_db_instance.this[0].final_snapshot_identifier == "cali-state-final"
    error_message = "Not deleted by accident, and never without a snapshot."
  }

  assert {
    condition     = aws_db_instance.this[0].backup_retention_period == 7
    error_message = "A week of backups."
  }

  assert {
    condition     = aws_db_instance.this[0].engine == "postgres" && startswith(aws_db_instance.this[0].engine_version, "16")
    error_message = "PostgreSQL 16."
  }
}

run "the_password_is_made_and_kept_by_rds" {
  assert {
    condition     = aws_db_instance.this[0].manage_master_user_password && aws_db_instance.this[0].password == null
    error_message = "No password in Terraform."
  }
}

run "connections_without_tls_are_refused" {
  assert {
    condition     = [for one in aws_db_parameter_group.this[0].parameter : one.value if one.name == "rds.force_ssl"] == ["1"]
    error_message = "rds.force_ssl is on."
  }
}

run "only_the_named_groups_reach_it" {
  assert {
    condition     = [for one in aws_vpc_security_group_ingress_rule.this : one.referenced_security_group_id] == ["sg-0a"]
    error_message = "One rule per client."
  }

  assert {
    condition     = alltrue([for one in aws_vpc_security_group_ingress_rule.this : one.from_port == 5432 && one.to_port == 5432 && one.cidr_ipv4 == null])
    error_message = "The port of PostgreSQL, and no address range."
  }
}

run "nothing_is_made_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_db_instance.this) == 0 && length(aws_security_group.this) == 0 && output.host == null && output.url_without_password == null && output.master_secret_arn == null
    error_message = "No instance, and no output."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # One subnet is refused.
    subnet_ids = ["subnet-0a"]
    # Another major version is refused.
    engine_version = "12"
    # No backups are refused.
    backup_days = 0
    # Storage that cannot grow is refused.
    storage_gib     = 200
    max_storage_gib = 100
    # A class that is none is refused.
    instance_class = "m7g.large"
    # A name with an underscore is refused.
    name = "cali_state"
  }

  expect_failures = [
    var.subnet_ids,
    var.engine_version,
    var.backup_days,
    var.max_storage_gib,
    var.instance_class,
    var.name,
  ]
}

run "what_cannot_be_either_is_refused" {
  command = plan

  variables {
    # Too little storage is refused.
    storage_gib = 5
  }

  expect_failures = [
    var.storage_gib,
  ]
}
