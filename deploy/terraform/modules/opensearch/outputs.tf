output "url" {
  description = "Address of the domain: CALI_OPENSEARCH_URL. null where nothing is made."
  value       = var.create ? "https://${aws_opensearch_domain.this[0].endpoint}" : null
}

output "arn" {
  description = "ARN of the domain; null where nothing is made."
  value       = local.arn
}

output "name" {
  description = "Name of the domain, for alarms; null where nothing is made."
  value       = var.create ? var.name : null
}

output "security_group_id" {
  description = "Security group of the domain; null where nothing is made."
  value       = one(aws_security_group.this[*].id)
}
