mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  bucket = "my-company-logs"
}

run "by_default_the_bucket_is_private_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four blocks."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "SSE-S3 without a key."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versioning."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "An archive is not deleted with its objects."
  }
}

run "a_key_of_ones_own_comes_with_a_bucket_key" {
  variables {
    kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled && one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "SSE-KMS with a bucket key."
  }

  assert {
    condition     = aws_athena_workgroup.this[0].configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    error_message = "Results of queries are encrypted alike."
  }
}

run "the_policy_only_refuses" {
  variables {
    prefix = "team-a/"
  }

  assert {
    condition     = [for one in jsondecode(aws_s3_bucket_policy.this[0].policy).Statement : one.Sid] == ["OnlyOverTls", "WriteOnce"]
    error_message = "Both rules by default."
  }

  assert {
    condition     = alltrue([for one in jsondecode(aws_s3_bucket_policy.this[0].policy).Statement : one.Effect == "Deny"])
    error_message = "The policy gives nobody a right."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this[0].policy).Statement[1].Resource == [
      "arn:aws:s3:::my-company-logs/team-a/logs/*", "arn:aws:s3:::my-company-logs/team-a/quarantine/*",
      "arn:aws:s3:::my-company-logs/team-a/compact/*",
    ]
    error_message = "What CALI writes is written once; query results are not held to it."
  }
}

run "without_both_rules_there_is_no_policy" {
  variables {
    require_tls = false
    write_once  = false
  }

  assert {
    condition     = length(aws_s3_bucket_policy.this) == 0
    error_message = "No statement, no policy."
  }
}

run "what_expires_is_every_area" {
  variables {
    lifecycle_days = { expire = 365 }
  }

  assert {
    condition = toset([for one in aws_s3_bucket_lifecycle_configuration.this[0].rule : one.id]) == toset([
      "cheaper", "expire-logs", "expire-quarantine", "expire-compact", "query-results", "leftovers",
    ])
    error_message = "A rule for each area."
  }
}

run "nothing_expires_unless_it_is_asked_for" {
  assert {
    condition     = toset([for one in aws_s3_bucket_lifecycle_configuration.this[0].rule : one.id]) == toset(["cheaper", "query-results", "leftovers"])
    error_message = "The archive stays."
  }
}

run "thirty_days_in_infrequent_access_are_enough" {
  variables {
    lifecycle_days = { infrequent_access = 60, glacier_instant = 90 }
  }

  assert {
    condition = [for one in aws_s3_bucket_lifecycle_configuration.this[0].rule : { for to in one.transition : to.storage_class => to.days } if one.id == "cheaper"] == [
      { STANDARD_IA = 60, GLACIER_IR = 90 },
    ]
    error_message = "Both steps at their days."
  }
}

run "less_than_thirty_days_in_infrequent_access_is_refused" {
  command = plan

  variables {
    lifecycle_days = { infrequent_access = 60, glacier_instant = 89 }
  }

  expect_failures = [var.lifecycle_days]
}

run "athena_reads_one_folder_per_day" {
  variables {
    prefix = "team-a/"
  }

  assert {
    condition     = aws_glue_catalog_table.records[0].parameters["storage.location.template"] == "s3://my-company-logs/team-a/compact/v1/dt=$${dt}/"
    error_message = "Partition projection over the compacted area."
  }

  assert {
    condition     = aws_glue_catalog_table.records[0].parameters["projection.dt.range"] == "2026-01-01,NOW"
    error_message = "From the first day on."
  }

  assert {
    condition     = aws_athena_workgroup.this[0].configuration[0].bytes_scanned_cutoff_per_query == 10737418240 && aws_athena_workgroup.this[0].configuration[0].enforce_workgroup_configuration
    error_message = "A query ends at 10 GiB, whatever the client says."
  }
}

run "without_query_and_lifecycle_there_is_only_the_bucket" {
  variables {
    query          = null
    lifecycle_days = null
  }

  assert {
    condition     = length(aws_glue_catalog_database.this) + length(aws_glue_catalog_table.records) + length(aws_athena_workgroup.this) + length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Nothing of Glue, Athena and lifecycle."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # A bucket name that is not one is refused.
    bucket = "My_Bucket"
    # A prefix without a slash at its end is refused.
    prefix = "team-a"
    # A transition that s3 does not take is refused.
    lifecycle_days = { infrequent_access = 7 }
    # A database name with a dash is refused.
    query = { database = "cali-logs" }
    # A column twice is refused.
    columns = [{ name = "id", type = "string" }, { name = "id", type = "int" }]
  }

  expect_failures = [
    var.bucket,
    var.prefix,
    var.lifecycle_days,
    var.query,
    var.columns,
  ]
}

run "what_cannot_be_either_is_refused" {
  command = plan

  variables {
    # A bucket name with dots is refused.
    bucket = "my.company.logs"
    # An end before the transitions is refused.
    lifecycle_days = { expire = 60 }
    # A day that is none is refused.
    query = { first_day = "yesterday" }
  }

  expect_failures = [
    var.bucket,
    var.lifecycle_days,
    var.query,
  ]
}
