resource "aws_kinesis_stream" "this" {
  name             = var.name
  shard_count      = var.mode == "PROVISIONED" ? var.shards : null
  retention_period = var.retention_hours

  encryption_type = var.encrypted ? "KMS" : "NONE"
  kms_key_id      = var.encrypted ? coalesce(var.kms_key_arn, "alias/aws/kinesis") : null

  shard_level_metrics       = var.shard_level_metrics
  enforce_consumer_deletion = true

  stream_mode_details {
    stream_mode = var.mode
  }

  tags = var.tags
}
