# What Terraform tells you at the end. See it again with:  terraform output

output "stream" {
  description = "Name of the stream."
  value       = module.stream.name
}

output "bucket" {
  description = "Name of the archive's bucket."
  value       = module.archive.bucket
}

output "region" {
  description = "Region that the emulator pretends to be."
  value       = var.region
}

output "role_arns" {
  description = "Roles of the components: none here, because the emulator checks no rights."
  value       = {}
}

output "cali_environment" {
  description = "Settings that make CALI use this stream and this bucket."
  value = {
    CALI_KINESIS_STREAM   = module.stream.name
    CALI_KINESIS_REGION   = var.region
    CALI_KINESIS_ENDPOINT = var.aws_endpoint
    CALI_AWS_REGION       = var.region
    CALI_AWS_ENDPOINT     = var.aws_endpoint
    CALI_S3_BUCKET        = module.archive.bucket
  }
}
