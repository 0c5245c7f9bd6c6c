mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-south-1:123456789012:key/topic" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-south-1:123456789012:cali-alarms" }
  }
}

variables {
  stream     = { name = "cali-log-stream", retention_hours = 168 }
  leases     = { table = "cali-consumer" }
  database   = { identifier = "cali-state" }
  opensearch = { domain = "cali-logs", account_id = "123456789012" }
  function   = { name = "cali-consumer" }
  emails     = ["oncall@example.com"]
}

run "every_part_has_its_alarms" {
  assert {
    condition = output.alarm_names == tolist([
      "cali-database-cpu", "cali-database-storage", "cali-function-errors", "cali-function-late", "cali-function-throttled",
      "cali-leases-read-throttled", "cali-leases-write-throttled", "cali-search-blocked", "cali-search-red", "cali-search-storage",
      "cali-stream-late", "cali-stream-losing", "cali-stream-read-throttled", "cali-stream-write-throttled",
    ])
    error_message = "The catalogue."
  }

  assert {
    condition     = alltrue([for one in aws_cloudwatch_metric_alarm.this : one.alarm_actions == toset([output.topic_arn]) && one.ok_actions == toset([output.topic_arn])])
    error_message = "Each alarm tells of its beginning and its end."
  }
}

run "a_late_reader_is_told_and_a_missing_one_too" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["stream-late"].threshold == 600000 && aws_cloudwatch_metric_alarm.this["stream-late"].treat_missing_data == "breaching"
    error_message = "Ten minutes, or nobody reads."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["stream-losing"].threshold == 302400000
    error_message = "Half of a week."
  }
}

run "storage_is_measured_downwards" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["database-storage"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.this["database-storage"].threshold == 5368709120
    error_message = "RDS counts bytes."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["search-storage"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.this["search-storage"].threshold == 20480
    error_message = "OpenSearch counts mebibytes."
  }
}

run "the_topic_is_encrypted_and_only_cloudwatch_of_this_account_writes_to_it" {
  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == "arn:aws:kms:ap-south-1:123456789012:key/topic" && aws_kms_key.topic[0].enable_key_rotation
    error_message = "A key of its own, which changes."
  }

  assert {
    condition     = [for one in jsondecode(aws_sns_topic_policy.this[0].policy).Statement : [one.Principal.Service, one.Condition.StringEquals["aws:SourceAccount"]]] == [["cloudwatch.amazonaws.com", "123456789012"]]
    error_message = "CloudWatch, for this account."
  }

  assert {
    condition     = alltrue(flatten([for one in jsondecode(aws_kms_key.topic[0].policy).Statement : [for action in one.Action : !strcontains(action, "*")]]))
    error_message = "No wildcard action in the key's policy."
  }
}

run "a_part_that_is_not_there_has_no_alarm" {
  variables {
    leases     = null
    database   = null
    opensearch = null
    function   = null
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 4
    error_message = "Only those of the stream."
  }
}

run "a_topic_of_ones_own_is_used_as_it_is" {
  variables {
    create_topic = false
    topic_arn    = "arn:aws:sns:ap-south-1:123456789012:oncall"
  }

  assert {
    condition     = length(aws_sns_topic.this) + length(aws_kms_key.topic) + length(aws_sns_topic_policy.this) == 0 && output.topic_arn == "arn:aws:sns:ap-south-1:123456789012:oncall"
    error_message = "No topic and no key are made."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # A name is no topic.
    topic_arn = "oncall"
    # An address that is none is refused.
    emails = ["oncall"]
    # Zero minutes are refused.
    late_minutes = 0
    # A name with a space is refused.
    name = "my cali"
  }

  expect_failures = [
    var.topic_arn,
    var.emails,
    var.late_minutes,
    var.name,
  ]
}

run "no_topic_at_all_is_refused" {
  command = plan
  variables {
    create_topic = false
  }
  expect_failures = [var.topic_arn]
}
