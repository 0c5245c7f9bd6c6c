locals {
  handler = "deploy/lambda/handler.handler"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_days
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = "CALI: reads the stream; called once a minute, it also sends what waits"
  role          = aws_iam_role.this.arn

  package_type      = var.package.image == null ? "Zip" : "Image"
  filename          = var.package.zip
  source_code_hash  = var.package.zip == null ? null : filebase64sha256(var.package.zip)
  s3_bucket         = try(var.package.s3.bucket, null)
  s3_key            = try(var.package.s3.key, null)
  s3_object_version = try(var.package.s3.version, null)
  image_uri         = var.package.image
  runtime           = var.package.image == null ? var.runtime : null
  handler           = var.package.image == null ? local.handler : null

  architectures                  = [var.architecture]
  memory_size                    = var.memory_mib
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn

  dynamic "image_config" {
    for_each = var.package.image == null ? [] : [local.handler]

    content {
      command = [image_config.value]
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  environment {
    variables = merge(var.environment, var.secret_environment)
  }

  tags = var.tags

  # The rights must be there before the mapping first asks for them, and stay until the last network interface is gone.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

# docs/en/workers.md says why each of these is what it is.
resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn  = var.stream_arn
  function_name     = aws_lambda_function.this.arn
  enabled           = var.enabled
  starting_position = "TRIM_HORIZON"

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batching_window_seconds
  parallelization_factor             = 1
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = -1
  maximum_record_age_in_seconds      = -1

  dynamic "destination_config" {
    for_each = var.on_failure_arn == null ? [] : [var.on_failure_arn]

    content {
      on_failure {
        destination_arn = destination_config.value
      }
    }
  }
}

# Between invocations a function stands still: messages that wait, quiet incidents and debts need a call of their own.
resource "aws_scheduler_schedule" "tick" {
  name                         = "${var.name}-tick"
  description                  = "Calls the function once a minute without records"
  schedule_expression          = "rate(1 minute)"
  schedule_expression_timezone = "UTC"
  state                        = var.enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ source = "cali.schedule" })

    # The next call is a minute away.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }
}
