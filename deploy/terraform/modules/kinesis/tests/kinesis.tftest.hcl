mock_provider "aws" {}

run "by_default_the_stream_is_encrypted_and_keeps_a_week" {
  assert {
    condition     = aws_kinesis_stream.this.name == "cali-log-stream"
    error_message = "The default name is the one that CALI reads."
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "KMS" && aws_kinesis_stream.this.kms_key_id == "alias/aws/kinesis"
    error_message = "Encryption is on by default, with the key that AWS keeps."
  }

  assert {
    condition     = aws_kinesis_stream.this.retention_period == 168
    error_message = "A week of retention by default."
  }

  assert {
    condition     = aws_kinesis_stream.this.stream_mode_details[0].stream_mode == "ON_DEMAND" && aws_kinesis_stream.this.shard_count == null
    error_message = "ON_DEMAND by default; it takes no number of shards."
  }

  assert {
    condition     = output.kms_key_arn == null
    error_message = "With AWS's key nobody needs rights on a key."
  }
}

run "a_provisioned_stream_has_its_shards" {
  variables {
    mode   = "PROVISIONED"
    shards = 3
  }

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 3
    error_message = "Three shards were asked for."
  }
}

run "a_key_of_ones_own_is_used" {
  variables {
    kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_kinesis_stream.this.kms_key_id == var.kms_key_arn && output.kms_key_arn == var.kms_key_arn
    error_message = "The stream is encrypted with the given key."
  }
}

run "encryption_can_be_switched_off_for_an_emulator" {
  variables {
    encrypted = false
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "NONE" && aws_kinesis_stream.this.kms_key_id == null
    error_message = "No key without encryption."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # Shards below one are refused.
    shards = -1
    # Less than a day is refused.
    retention_hours = 23
    # A name with a space is refused.
    name = "cali log stream"
    # An unknown mode is refused.
    mode = "FAST"
    # An alias is no key.
    kms_key_arn = "alias/mine"
    # An unknown metric is refused.
    shard_level_metrics = ["Speed"]
  }

  expect_failures = [
    var.shards,
    var.retention_hours,
    var.name,
    var.mode,
    var.kms_key_arn,
    var.shard_level_metrics,
  ]
}

run "what_cannot_be_either_is_refused" {
  command = plan

  variables {
    # Half a shard is refused.
    shards = 1.5
    # More than a year is refused.
    retention_hours = 8761
  }

  expect_failures = [
    var.shards,
    var.retention_hours,
  ]
}
