# Where the translator talks to: not to AWS, but to the emulator on your machine. An emulator is a practice ground: it
# answers as AWS does, costs nothing, and forgets everything when you reset it.
provider "aws" {
  region = var.region

  # The emulator lets anybody in. Real keys are never needed here, and never belong into a file.
  access_key = "test"
  secret_key = "test"

  # Three checks that only make sense against AWS itself.
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  # Buckets are named in the path (http://localhost:4566/my-bucket), not in the host name (http://my-bucket.localhost:4566).
  s3_use_path_style = true

  # Every service that is used here is at the emulator's one address.
  endpoints {
    iam       = var.aws_endpoint
    kinesis   = var.aws_endpoint
    kms       = var.aws_endpoint
    s3        = var.aws_endpoint
    s3control = var.aws_endpoint
    sts       = var.aws_endpoint
  }
}
