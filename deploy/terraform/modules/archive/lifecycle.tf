# Old objects become cheaper, and go when they are older than wanted. The chain of a shard then begins at its first
# object that is left.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.lifecycle_days == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  rule {
    id     = "cheaper"
    status = "Enabled"

    filter {
      prefix = "${var.prefix}logs/"
    }

    transition {
      days          = var.lifecycle_days.infrequent_access
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = var.lifecycle_days.glacier_instant
      storage_class = "GLACIER_IR"
    }
  }

  dynamic "rule" {
    for_each = var.lifecycle_days.expire == null ? [] : local.areas

    content {
      id     = "expire-${basename(rule.value)}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = var.lifecycle_days.expire
      }
    }
  }

  rule {
    id     = "query-results"
    status = "Enabled"

    filter {
      prefix = local.results
    }

    expiration {
      days = var.lifecycle_days.query_results
    }
  }

  rule {
    id     = "leftovers"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.lifecycle_days.noncurrent
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = var.lifecycle_days.abort_upload
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
