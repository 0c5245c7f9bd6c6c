# Who may do what. Each entry names the components, when it holds, and one statement of their policies.
# No action has a wildcard; resources have one only where AWS asks for one: behind the bucket, the domain and the stream.
locals {
  objects = "${var.archive_bucket_arn}/${var.archive_prefix}"
  # A table and its key are in one region.
  leases_region = var.leases_kms_key_arn == null ? "" : split(":", var.leases_kms_key_arn)[3]

  archive_readers = ["consumer", "api", "worker", "jobs"]
  index_users     = ["consumer", "api", "worker", "jobs"]

  rights = [
    {
      components = ["consumer"]
      when       = true
      statement = {
        Sid      = "ReadStream"
        Effect   = "Allow"
        Action   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
        Resource = [var.stream_arn]
      }
    },
    {
      components = ["consumer"]
      when       = var.fan_out
      statement = {
        Sid      = "FanOut"
        Effect   = "Allow"
        Action   = ["kinesis:DescribeStreamConsumer", "kinesis:RegisterStreamConsumer", "kinesis:SubscribeToShard"]
        Resource = [var.stream_arn, "${var.stream_arn}/consumer/*"]
      }
    },
    {
      components = ["consumer"]
      when       = var.stream_kms_key_arn != null
      statement = {
        Sid      = "DecryptRecords"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.stream_kms_key_arn]
      }
    },
    {
      # The KCL makes the table itself where it is missing; the module leases makes it, so CreateTable is not needed.
      components = ["consumer"]
      when       = var.leases_table_arn != null
      statement = {
        Sid      = "Leases"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
        Resource = [var.leases_table_arn]
      }
    },
    {
      # DynamoDB opens the table in the name of who asks for items. By way of DynamoDB only: not to decrypt anything else.
      components = ["consumer"]
      when       = var.leases_table_arn != null && var.leases_kms_key_arn != null
      statement = {
        Sid       = "DecryptLeases"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = [var.leases_kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${local.leases_region}.amazonaws.com" } }
      }
    },
    {
      components = ["fluent-bit"]
      when       = true
      statement = {
        Sid      = "WriteStream"
        Effect   = "Allow"
        Action   = ["kinesis:PutRecords"]
        Resource = [var.stream_arn]
      }
    },
    {
      # A synthetic error, to see whether it arrives.
      components = var.probers
      when       = true
      statement = {
        Sid      = "Probe"
        Effect   = "Allow"
        Action   = ["kinesis:PutRecord"]
        Resource = [var.stream_arn]
      }
    },
    {
      components = concat(["fluent-bit"], var.probers)
      when       = var.stream_kms_key_arn != null
      statement = {
        Sid      = "EncryptRecords"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = [var.stream_kms_key_arn]
      }
    },
    {
      components = local.archive_readers
      when       = true
      statement = {
        Sid       = "ListArchive"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [var.archive_bucket_arn]
        Condition = { StringLike = { "s3:prefix" = ["${var.archive_prefix}*"] } }
      }
    },
    {
      components = local.archive_readers
      when       = true
      statement = {
        Sid      = "ReadArchive"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.objects}compact/*", "${local.objects}logs/*", "${local.objects}quarantine/*"]
      }
    },
    {
      components = ["consumer", "api"]
      when       = true
      statement = {
        Sid      = "WriteArchive"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.objects}logs/*", "${local.objects}quarantine/*"]
      }
    },
    {
      # Compacted copies only: a job cannot write into the chain.
      components = ["jobs"]
      when       = true
      statement = {
        Sid      = "WriteCopies"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.objects}compact/*"]
      }
    },
    {
      components = ["worker"]
      when       = var.archive_kms_key_arn != null
      statement = {
        Sid      = "DecryptArchive"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.archive_kms_key_arn]
      }
    },
    {
      components = ["consumer", "api", "jobs"]
      when       = var.archive_kms_key_arn != null
      statement = {
        Sid      = "EncryptArchive"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.archive_kms_key_arn]
      }
    },
    {
      components = local.index_users
      when       = var.opensearch_arn != null
      statement = {
        Sid      = "Index"
        Effect   = "Allow"
        Action   = ["es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
        Resource = ["${var.opensearch_arn == null ? "" : var.opensearch_arn}/*"]
      }
    },
    {
      # Who deletes indices that are older than index.retentionDays.
      components = var.housekeepers
      when       = var.opensearch_arn != null
      statement = {
        Sid      = "DeleteOldIndices"
        Effect   = "Allow"
        Action   = ["es:ESHttpDelete"]
        Resource = ["${var.opensearch_arn == null ? "" : var.opensearch_arn}/*"]
      }
    },
  ]
}

# Secrets are named for each component: only the worker needs those of Slack and of the model.
resource "aws_iam_role_policy" "secrets" {
  for_each = { for name, arns in var.secret_arns : name => arns if length(arns) > 0 }

  name = "secrets"
  role = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [
      {
        when = true
        what = {
          Sid      = "ReadSecrets"
          Effect   = "Allow"
          Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
          Resource = each.value
        }
      },
      {
        when = var.secrets_kms_key_arn != null
        what = {
          Sid      = "DecryptSecrets"
          Effect   = "Allow"
          Action   = ["kms:Decrypt"]
          Resource = [var.secrets_kms_key_arn]
        }
      },
    ] : statement.what if statement.when]
  })
}
