# Terraform reads this first: which program and which provider it needs.
# A provider is Terraform's translator for one cloud; "aws" is the one for AWS. Version 5.100 is the one this example was
# tried with, so everybody gets the same.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
