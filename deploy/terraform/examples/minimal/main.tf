# CALI without a machine of your own: a Lambda function reads the stream, PostgreSQL keeps what it knows.
data "aws_caller_identity" "me" {}

locals {
  name = "cali"
}

# The conveyor belt between Fluent Bit and the function.
module "stream" {
  source = "../../modules/kinesis"

  name            = var.stream_name
  retention_hours = var.retention_hours
}

# Every record that is kept, written once.
module "archive" {
  source = "../../modules/archive"

  bucket        = coalesce(var.bucket, "cali-archive-${data.aws_caller_identity.me.account_id}-${var.region}")
  force_destroy = var.force_destroy
}

# Incidents, messages that wait, checkpoints. Only the function's security group reaches it.
module "state" {
  source = "../../modules/state"

  vpc_id                    = var.vpc_id
  subnet_ids                = var.private_subnet_ids
  client_security_group_ids = { function = aws_security_group.function.id }
  deletion_protection       = var.deletion_protection
  final_snapshot            = var.deletion_protection
}

# The function opens connections (PostgreSQL, AWS, Slack) and accepts none.
resource "aws_security_group" "function" {
  name        = "${local.name}-function"
  description = "Function of CALI"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.function.id
  description       = "AWS and Slack"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "postgres" {
  security_group_id            = aws_security_group.function.id
  description                  = "State"
  referenced_security_group_id = module.state.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

locals {
  cali_environment = merge(
    {
      CALI_KINESIS_STREAM = module.stream.name
      CALI_KINESIS_REGION = var.region
      CALI_AWS_REGION     = var.region
      CALI_S3_BUCKET      = module.archive.bucket
    },
    var.public_url == null ? {} : { CALI_SERVER_PUBLIC_URL = var.public_url },
  )
}

module "function" {
  source = "../../modules/lambda"

  name           = "${local.name}-consumer"
  package        = var.function_package
  runtime        = var.function_runtime
  stream_arn     = module.stream.arn
  archive        = { bucket_arn = module.archive.bucket_arn }
  on_failure_arn = module.archive.bucket_arn

  # Off until the address of the database is known: README, step 2.
  enabled = var.postgres_url != null

  vpc = {
    subnet_ids         = var.private_subnet_ids
    security_group_ids = [aws_security_group.function.id]
  }

  environment = merge(local.cali_environment, {
    # The authorities of RDS; the runtime has them but does not read them by itself.
    NODE_EXTRA_CA_CERTS = "/var/runtime/ca-cert.pem"
    CALI_SLACK_CHANNEL  = var.slack_channel
  })
  secret_environment = { for name, value in {
    CALI_POSTGRES_URL    = var.postgres_url
    CALI_SLACK_BOT_TOKEN = var.slack_bot_token
  } : name => value if value != null }
}

module "alarms" {
  source = "../../modules/alarms"

  emails   = var.alarm_emails
  stream   = { name = module.stream.name, retention_hours = var.retention_hours }
  database = { identifier = module.state.identifier }
  function = { name = module.function.function_name }
}
