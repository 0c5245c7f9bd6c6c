output "arns" {
  description = "ARN of each secret by its name."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "variables" {
  description = "Which variable of CALI each secret belongs into, by its name. Its twin that ends in _FILE names a file instead."
  value       = { for name in keys(var.secrets) : name => "CALI_${upper(replace(name, "-", "_"))}" }
}
