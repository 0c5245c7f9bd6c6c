output "name" {
  description = "Name of the stream: CALI_KINESIS_STREAM."
  value       = aws_kinesis_stream.this.name
}

output "arn" {
  description = "ARN of the stream."
  value       = aws_kinesis_stream.this.arn
}

output "kms_key_arn" {
  description = "The key of your own that encrypts the stream; null where AWS keeps the key."
  value       = var.encrypted ? var.kms_key_arn : null
}

output "retention_hours" {
  description = "How long a record stays readable."
  value       = aws_kinesis_stream.this.retention_period
}
