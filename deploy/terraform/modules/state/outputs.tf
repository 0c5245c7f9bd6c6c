output "identifier" {
  description = "Name of the instance, for alarms; null where nothing is made."
  value       = one(aws_db_instance.this[*].identifier)
}

output "host" {
  description = "Host of the database; null where nothing is made."
  value       = one(aws_db_instance.this[*].address)
}

output "url_without_password" {
  description = "What CALI_POSTGRES_URL is made of: put the password behind the user."
  value       = var.create ? "postgres://cali@${aws_db_instance.this[0].address}:5432/cali?sslmode=verify-full" : null
}

output "master_secret_arn" {
  description = "Secret in which RDS keeps the password; null where nothing is made."
  value       = try(aws_db_instance.this[0].master_user_secret[0].secret_arn, null)
}

output "security_group_id" {
  description = "Security group of the database; null where nothing is made."
  value       = one(aws_security_group.this[*].id)
}
