# Athena over the compacted copies (cali archive compact): one folder per day, so that a question about a day reads that
# day only. Partition projection: no crawler, no partition is ever added.
resource "aws_glue_catalog_database" "this" {
  count = var.query == null ? 0 : 1

  name = var.query.database
  tags = var.tags
}

resource "aws_glue_catalog_table" "records" {
  count = var.query == null ? 0 : 1

  name          = var.query.table
  database_name = aws_glue_catalog_database.this[0].name
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL                    = "TRUE"
    classification              = "parquet"
    "projection.enabled"        = "true"
    "projection.dt.type"        = "date"
    "projection.dt.format"      = "yyyy-MM-dd"
    "projection.dt.range"       = "${var.query.first_day},NOW"
    "storage.location.template" = "s3://${var.bucket}/${var.prefix}compact/v1/dt=$${dt}/"
  }

  partition_keys {
    name    = "dt"
    type    = "string"
    comment = "Day of arrival, UTC"
  }

  storage_descriptor {
    location      = "s3://${var.bucket}/${var.prefix}compact/v1/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = var.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# Queries run in a workgroup that ends each one at its limit: a forgotten WHERE costs cents, not a day's budget.
resource "aws_athena_workgroup" "this" {
  count = var.query == null ? 0 : 1

  name          = var.query.workgroup
  force_destroy = var.force_destroy
  tags          = var.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.query.scan_limit_gib * pow(1024, 3)

    result_configuration {
      output_location = "s3://${aws_s3_bucket.this.bucket}/${local.results}"

      encryption_configuration {
        encryption_option = var.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}
