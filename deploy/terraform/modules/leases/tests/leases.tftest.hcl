mock_provider "aws" {}

run "the_table_is_as_the_kcl_expects_it" {
  assert {
    condition     = aws_dynamodb_table.leases[0].name == "cali-consumer" && aws_dynamodb_table.leases[0].hash_key == "leaseKey"
    error_message = "Name and key are those of the KCL application."
  }

  assert {
    condition     = [for one in aws_dynamodb_table.leases[0].attribute : one.type if one.name == "leaseKey"] == ["S"]
    error_message = "leaseKey is text."
  }

  assert {
    condition     = aws_dynamodb_table.leases[0].billing_mode == "PAY_PER_REQUEST"
    error_message = "Nothing to throttle at a take-over."
  }
}

run "by_default_the_table_is_encrypted_backed_up_and_protected" {
  assert {
    condition     = aws_dynamodb_table.leases[0].server_side_encryption[0].enabled
    error_message = "Encryption by KMS."
  }

  assert {
    condition     = aws_dynamodb_table.leases[0].point_in_time_recovery[0].enabled
    error_message = "Point-in-time recovery."
  }

  assert {
    condition     = aws_dynamodb_table.leases[0].deletion_protection_enabled
    error_message = "Deletion protection."
  }
}

run "nothing_is_made_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_dynamodb_table.leases) == 0 && output.name == null && output.arn == null
    error_message = "No table, and no output."
  }
}

run "a_name_with_a_slash_is_refused" {
  command = plan
  variables {
    name = "cali/consumer"
  }
  expect_failures = [var.name]
}
