# The KCL would make this table by itself, but with fixed capacity, without backups and without protection.
# Its workers find it there and use it. KCL 2.7 knows one key: leaseKey, which holds the name of a shard.
resource "aws_dynamodb_table" "leases" {
  count = var.create ? 1 : 0

  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "leaseKey"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "leaseKey"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  tags = var.tags
}
