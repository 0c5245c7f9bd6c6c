mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-south-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/cali-consumer" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-south-1:123456789012:function:cali-consumer" }
  }
}

variables {
  # Any file does: what is in it is looked at by Lambda only.
  package = { zip = "versions.tf" }
  # Provider 5.100 does not know the default, nodejs24.x.
  runtime    = "nodejs22.x"
  stream_arn = "arn:aws:kinesis:ap-south-1:123456789012:stream/cali-log-stream"
  archive    = { bucket_arn = "arn:aws:s3:::my-company-logs", prefix = "team-a/" }
  environment = {
    CALI_S3_BUCKET = "my-company-logs"
  }
}

run "the_mapping_loses_nothing_and_keeps_the_order" {
  assert {
    condition     = aws_lambda_event_source_mapping.stream.starting_position == "TRIM_HORIZON" && aws_lambda_event_source_mapping.stream.parallelization_factor == 1
    error_message = "From the beginning, one batch per shard at a time."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream.maximum_retry_attempts == -1 && aws_lambda_event_source_mapping.stream.maximum_record_age_in_seconds == -1
    error_message = "An outage throws nothing away."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream.function_response_types == toset(["ReportBatchItemFailures"]) && aws_lambda_event_source_mapping.stream.bisect_batch_on_function_error
    error_message = "Only what is not durable comes again; a batch that ends the function gets smaller."
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.stream.filter_criteria) == 0
    error_message = "What a filter takes never reaches the archive."
  }
}

run "the_function_is_called_once_a_minute_without_records" {
  assert {
    condition     = aws_scheduler_schedule.tick.schedule_expression == "rate(1 minute)" && aws_scheduler_schedule.tick.state == "ENABLED"
    error_message = "Once a minute."
  }

  assert {
    condition     = !can(jsondecode(aws_scheduler_schedule.tick.target[0].input).Records)
    error_message = "An event without Records."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.schedule.policy).Statement[0].Resource == ["arn:aws:lambda:ap-south-1:123456789012:function:cali-consumer"]
    error_message = "The schedule may call this function only."
  }
}

run "no_action_has_a_wildcard_and_no_resource_is_everything" {
  assert {
    condition     = alltrue(flatten([for one in jsondecode(output.policy).Statement : [for action in one.Action : !strcontains(action, "*")]]))
    error_message = "An action with a wildcard."
  }

  assert {
    condition     = alltrue(flatten([for one in jsondecode(output.policy).Statement : [for resource in one.Resource : startswith(resource, "arn:aws:")]]))
    error_message = "A resource that is not a named one."
  }

  assert {
    condition     = !strcontains(output.policy, "ec2:") && !strcontains(output.policy, "kms:") && !strcontains(output.policy, "es:")
    error_message = "No right for what is not used."
  }
}

run "in_a_vpc_lambda_makes_interfaces_and_the_code_cannot" {
  variables {
    vpc = { subnet_ids = ["subnet-0a"], security_group_ids = ["sg-0a"] }
  }

  assert {
    condition     = [for one in jsondecode(output.policy).Statement : [one.Sid, one.Effect] if one.Resource == ["*"]] == [["Network", "Allow"], ["NetworkNotByCode", "Deny"]]
    error_message = "What is allowed for the network is refused to the function's own code."
  }
}

run "a_batch_that_the_stream_no_longer_has_goes_into_the_bucket" {
  variables {
    on_failure_arn = "arn:aws:s3:::my-company-logs"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream.destination_config[0].on_failure[0].destination_arn == "arn:aws:s3:::my-company-logs"
    error_message = "The destination."
  }

  assert {
    condition     = [for one in jsondecode(output.policy).Statement : one.Resource if one.Sid == "KeepFailed"] == [["arn:aws:s3:::my-company-logs/aws/lambda/*"]]
    error_message = "Below the folder that Lambda uses, not into the archive."
  }
}

run "until_the_settings_are_complete_nothing_is_read" {
  variables {
    enabled = false
  }

  assert {
    condition     = !aws_lambda_event_source_mapping.stream.enabled && aws_scheduler_schedule.tick.state == "DISABLED"
    error_message = "Mapping and schedule are off."
  }
}

run "an_image_has_its_handler_as_command" {
  variables {
    package = { image = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/cali:1" }
  }

  assert {
    condition     = aws_lambda_function.this.package_type == "Image" && aws_lambda_function.this.runtime == null && aws_lambda_function.this.image_config[0].command == tolist(["deploy/lambda/handler.handler"])
    error_message = "An image without runtime."
  }
}

run "settings_and_secrets_come_together" {
  variables {
    secret_environment = { CALI_POSTGRES_URL = "postgres://cali:secret@db/cali" }
  }

  assert {
    condition     = length(aws_lambda_function.this.environment[0].variables) == 2
    error_message = "Both."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # No package is refused.
    package = {}
    # More records than lambda takes are refused.
    batch_size = 20000
    # A destination that is none is refused.
    on_failure_arn = "arn:aws:kinesis:ap-south-1:123456789012:stream/other"
    # A timeout beyond lambdas is refused.
    timeout_seconds = 901
    # Too little memory is refused.
    memory_mib = 128
    # An unknown architecture is refused.
    architecture = "mips"
    # A name with a slash is refused.
    name = "cali/consumer"
  }

  expect_failures = [
    var.package,
    var.batch_size,
    var.on_failure_arn,
    var.timeout_seconds,
    var.memory_mib,
    var.architecture,
    var.name,
  ]
}

run "what_cannot_be_either_is_refused" {
  command = plan

  variables {
    # A large batch needs a window.
    batching_window_seconds = 0
    # Two packages are refused.
    package = { zip = "versions.tf", image = "cali:1" }
  }

  expect_failures = [
    var.batching_window_seconds,
    var.package,
  ]
}
