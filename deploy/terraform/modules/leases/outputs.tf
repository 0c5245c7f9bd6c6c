output "name" {
  description = "Name of the table: CALI_KCL_APPLICATION. null where nothing is made."
  value       = one(aws_dynamodb_table.leases[*].name)
}

output "arn" {
  description = "ARN of the table; null where nothing is made."
  value       = one(aws_dynamodb_table.leases[*].arn)
}
