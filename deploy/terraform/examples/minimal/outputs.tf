output "stream" {
  description = "Name of the stream: Fluent Bit sends there."
  value       = module.stream.name
}

output "bucket" {
  description = "Name of the archive's bucket."
  value       = module.archive.bucket
}

output "region" {
  description = "Region of everything."
  value       = var.region
}

output "role_arns" {
  description = "Role of the function."
  value       = { function = module.function.role_arn }
}

output "postgres_url_without_password" {
  description = "What postgres_url is made of."
  value       = module.state.url_without_password
}

output "postgres_secret_arn" {
  description = "Secret in which RDS keeps the password of the user cali."
  value       = module.state.master_secret_arn
}

output "cali_environment" {
  description = "Settings of CALI, without secrets."
  value       = local.cali_environment
}
