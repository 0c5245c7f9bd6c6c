# This file says WHAT should be there. You never say how to make it, or in which order: Terraform looks at what is there
# already, finds the difference, shows it to you (plan) and makes it so (apply). Run it twice, and the second time there
# is nothing to do.

# 1. The stream: a conveyor belt for log lines. Fluent Bit puts lines on at one end, CALI takes them off at the other. If
#    CALI stops for a while, the lines stay on the belt and wait, for retention_hours.
#
#    A module is a ready-made building block; "source" is the folder it lies in.
module "stream" {
  source = "../../modules/kinesis"

  name            = var.stream_name
  mode            = "PROVISIONED" # A fixed number of lanes, below. Emulators know this mode best.
  shards          = var.stream_shards
  retention_hours = var.retention_hours

  # Encryption is on everywhere in real use. The practice ground has nothing to protect, and is faster without.
  encrypted = false
}

# 2. The archive: a store room for everything that came off the belt. CALI writes each object once and never changes it.
module "archive" {
  source = "../../modules/archive"

  bucket        = var.bucket
  force_destroy = var.force_destroy

  # Rules for real use that an emulator cannot keep: it speaks http, without TLS, and does not know the write-once rule.
  require_tls = false
  write_once  = false

  # Nothing gets old here, and nobody asks Athena.
  lifecycle_days = null
  query          = null
}
