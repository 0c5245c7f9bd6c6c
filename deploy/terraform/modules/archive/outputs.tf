output "bucket" {
  description = "Name of the bucket: CALI_S3_BUCKET."
  value       = aws_s3_bucket.this.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "prefix" {
  description = "In front of every key: CALI_S3_PREFIX."
  value       = var.prefix
}

output "kms_key_arn" {
  description = "Key of the objects: CALI_S3_KMS_KEY. null with SSE-S3."
  value       = var.kms_key_arn
}

output "database" {
  description = "Database in the Glue catalog; null without query."
  value       = one(aws_glue_catalog_database.this[*].name)
}

output "workgroup" {
  description = "Workgroup of Athena; null without query."
  value       = one(aws_athena_workgroup.this[*].name)
}
