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
  description = "Role of each component. With IRSA: the annotation eks.amazonaws.com/role-arn of its service account."
  value       = module.identity.role_arns
}

output "secret_arns" {
  description = "Secrets that wait for their values."
  value       = module.secrets.arns
}

output "postgres_url_without_password" {
  description = "What the secret postgres-url is made of."
  value       = module.state.url_without_password
}

output "postgres_master_secret_arn" {
  description = "Secret in which RDS keeps the password of the user cali."
  value       = module.state.master_secret_arn
}

output "cali_environment" {
  description = "Settings of CALI, without secrets."
  value = merge(
    {
      CALI_KINESIS_STREAM  = module.stream.name
      CALI_KINESIS_REGION  = var.region
      CALI_AWS_REGION      = var.region
      CALI_S3_BUCKET       = module.archive.bucket
      CALI_S3_PREFIX       = module.archive.prefix
      CALI_S3_KMS_KEY      = aws_kms_key.cali.arn
      CALI_CONSUMER_RUNNER = "kcl"
      CALI_KCL_APPLICATION = module.leases.name
    },
    var.create_opensearch ? {
      CALI_OPENSEARCH_URL     = module.opensearch.url
      CALI_OPENSEARCH_SERVICE = "es"
    } : {},
  )
}
