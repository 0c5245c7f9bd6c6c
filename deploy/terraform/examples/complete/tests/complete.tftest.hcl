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
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/cali-consumer" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/opensearch/cali-logs" }
  }
  mock_resource "aws_opensearch_domain" {
    defaults = { endpoint = "vpc-cali-logs.ap-northeast-2.es.amazonaws.com" }
  }
}

variables {
  cluster_name           = "prod"
  vpc_id                 = "vpc-0a"
  private_subnet_ids     = ["subnet-0a", "subnet-0b", "subnet-0c"]
  node_security_group_id = "sg-0a"
}

# Nothing is there yet, so that no ARN is known: what is made must not depend on one.
run "it_can_be_planned_from_nothing" {
  command = plan
}

run "its_outputs_are_the_settings" {
  assert {
    condition = jsonencode(output.cali_environment) == jsonencode({
      CALI_KINESIS_STREAM     = "cali-log-stream"
      CALI_KINESIS_REGION     = "ap-northeast-2"
      CALI_AWS_REGION         = "ap-northeast-2"
      CALI_S3_BUCKET          = "cali-archive-123456789012-ap-northeast-2"
      CALI_S3_PREFIX          = ""
      CALI_S3_KMS_KEY         = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555"
      CALI_CONSUMER_RUNNER    = "kcl"
      CALI_KCL_APPLICATION    = "cali-consumer"
      CALI_OPENSEARCH_URL     = "https://vpc-cali-logs.ap-northeast-2.es.amazonaws.com"
      CALI_OPENSEARCH_SERVICE = "es"
    })
    error_message = "Settings of CALI."
  }

  assert {
    condition     = toset(keys(output.role_arns)) == toset(["consumer", "api", "worker", "jobs", "fluent-bit"])
    error_message = "One role per component."
  }
}

run "opensearch_and_pod_identity_can_be_left_out" {
  variables {
    create_opensearch = false
    pod_identity      = false
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.ap-northeast-2.amazonaws.com/id/ABC"
  }

  assert {
    condition     = !can(output.cali_environment["CALI_OPENSEARCH_URL"])
    error_message = "No setting for what is not there."
  }
}
