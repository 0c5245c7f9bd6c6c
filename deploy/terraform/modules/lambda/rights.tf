data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  place        = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  function_arn = "arn:${data.aws_partition.current.partition}:lambda:${local.place}:function:${var.name}"
  log_arn      = "arn:${data.aws_partition.current.partition}:logs:${local.place}:log-group:/aws/lambda/${var.name}"
  failure      = var.on_failure_arn == null ? "none" : split(":", var.on_failure_arn)[2]
  objects      = "${var.archive.bucket_arn}/${var.archive.prefix}"
  network      = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"]

  rights = [
    { when = true, what = {
      Sid    = "WriteLog", Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${local.log_arn}:*"]
    } },
    { when = true, what = {
      Sid      = "ReadStream", Effect = "Allow"
      Action   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:SubscribeToShard"]
      Resource = [var.stream_arn]
    } },
    { when = var.stream_kms_key_arn != null, what = {
      Sid = "DecryptRecords", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.stream_kms_key_arn]
    } },
    { when = true, what = {
      Sid       = "ListArchive", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.archive.bucket_arn]
      Condition = { StringLike = { "s3:prefix" = ["${var.archive.prefix}*"] } }
    } },
    { when = true, what = {
      Sid      = "Archive", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${local.objects}logs/*", "${local.objects}quarantine/*"]
    } },
    { when = var.archive.kms_key_arn != null, what = {
      Sid = "EncryptArchive", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.archive.kms_key_arn]
    } },
    { when = var.opensearch_arn != null, what = {
      Sid      = "Index", Effect = "Allow"
      Action   = ["es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
      Resource = ["${var.opensearch_arn == null ? "" : var.opensearch_arn}/*"]
    } },
    { when = var.kms_key_arn != null, what = {
      Sid = "DecryptSettings", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.kms_key_arn]
    } },
    { when = local.failure == "s3", what = {
      Sid = "KeepFailed", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${var.on_failure_arn == null ? "" : var.on_failure_arn}/aws/lambda/*"]
    } },
    { when = local.failure == "s3", what = {
      Sid = "ListFailed", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.on_failure_arn]
    } },
    { when = local.failure == "sqs", what = {
      Sid = "TellFailed", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [var.on_failure_arn]
    } },
    { when = local.failure == "sns", what = {
      Sid = "TellFailed", Effect = "Allow", Action = ["sns:Publish"], Resource = [var.on_failure_arn]
    } },
    # AWS names no narrower resource for these; the second statement keeps them from the function's own code.
    { when = var.vpc != null, what = {
      Sid = "Network", Effect = "Allow", Action = local.network, Resource = ["*"]
    } },
    { when = var.vpc != null, what = {
      Sid       = "NetworkNotByCode", Effect = "Deny", Action = local.network, Resource = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.function_arn] } }
    } },
  ]
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "CALI: the function ${var.name}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["sts:AssumeRole"]
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "cali"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for right in local.rights : right.what if right.when]
  })
}

resource "aws_iam_role" "schedule" {
  name                 = "${var.name}-schedule"
  description          = "CALI: the schedule that calls ${var.name}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = ["sts:AssumeRole"]
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  name = "invoke"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [local.function_arn]
    }]
  })
}
