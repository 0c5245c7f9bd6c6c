mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-northeast-2" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }
  mock_resource "aws_kinesis_stream" {
    defaults = { arn = "arn:aws:kinesis:ap-northeast-2:123456789012:stream/cali-log-stream" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::cali-archive" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/cali" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-2:123456789012:cali-alarms" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-2:123456789012:function:cali-consumer" }
  }
  mock_resource "aws_db_instance" {
    defaults = { address = "db.internal", master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds" }] }
  }
}

variables {
  vpc_id             = "vpc-0a"
  private_subnet_ids = ["subnet-0a", "subnet-0b"]
  function_package   = { zip = "versions.tf" }
  # Provider 5.100 does not know the default, nodejs24.x.
  function_runtime = "nodejs22.x"
}

# Nothing is there yet, so that no ARN is known: what is made must not depend on one.
run "it_can_be_planned_from_nothing" {
  command = plan
}

run "it_waits_for_the_address_of_the_database" {
  assert {
    condition     = output.cali_environment["CALI_S3_BUCKET"] == "cali-archive-123456789012-ap-northeast-2"
    error_message = "The bucket is named after account and region."
  }

  assert {
    condition     = !can(output.cali_environment["CALI_SERVER_PUBLIC_URL"])
    error_message = "No address of a dashboard that nobody named."
  }

  assert {
    condition     = output.stream == "cali-log-stream" && output.region == "ap-northeast-2" && can(output.role_arns["function"])
    error_message = "Stream, region and role."
  }

  assert {
    condition     = output.postgres_url_without_password == "postgres://cali@db.internal:5432/cali?sslmode=verify-full"
    error_message = "What the address is made of."
  }
}

run "with_the_address_it_reads" {
  variables {
    postgres_url    = "postgres://cali_app:secret@db.internal:5432/cali?sslmode=verify-full"
    slack_bot_token = "xoxb-secret"
  }

  assert {
    condition     = alltrue([for value in values(output.cali_environment) : !strcontains(value, "secret")])
    error_message = "No secret among the settings that are shown."
  }
}

run "links_lead_to_the_dashboard_that_is_named" {
  variables {
    public_url = "https://cali.example.com"
  }

  assert {
    condition     = output.cali_environment["CALI_SERVER_PUBLIC_URL"] == "https://cali.example.com"
    error_message = "The address is a setting of the function."
  }
}

run "a_dashboard_without_encryption_is_refused" {
  command = plan

  variables {
    public_url = "http://cali.example.com"
  }

  expect_failures = [var.public_url]
}

run "a_dashboard_without_a_host_is_refused" {
  command = plan

  variables {
    public_url = "https://"
  }

  expect_failures = [var.public_url]
}
