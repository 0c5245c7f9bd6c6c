variable "name" {
  description = "Name of the stream (kinesis.stream)."
  type        = string
  default     = "cali-log-stream"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.name))
    error_message = "name is \"${var.name}\": 1 to 128 letters, digits, dots, dashes and underscores are accepted."
  }
}

variable "mode" {
  description = "ON_DEMAND grows by itself; PROVISIONED has the number of shards below and costs less under steady load."
  type        = string
  default     = "ON_DEMAND"

  validation {
    condition     = contains(["ON_DEMAND", "PROVISIONED"], var.mode)
    error_message = "mode is \"${var.mode}\": ON_DEMAND or PROVISIONED is accepted."
  }
}

variable "shards" {
  description = "Shards of a PROVISIONED stream: each takes 1 MB and 1,000 records a second. Ignored with ON_DEMAND."
  type        = number
  default     = 1

  validation {
    condition     = var.shards >= 1 && var.shards <= 10000 && floor(var.shards) == var.shards
    error_message = "shards is ${var.shards}: a whole number from 1 to 10000 is accepted."
  }
}

variable "retention_hours" {
  description = "How long a record stays readable. A week: a consumer that stood still over a long weekend loses nothing."
  type        = number
  default     = 168

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760 && floor(var.retention_hours) == var.retention_hours
    error_message = "retention_hours is ${var.retention_hours}: a whole number from 24 to 8760 is accepted."
  }
}

variable "encrypted" {
  description = "Encrypts records at rest. Only an emulator has a reason to switch this off."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key of your own. Absent: the key that AWS keeps for Kinesis (alias/aws/kinesis), which needs no rights."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is \"${coalesce(var.kms_key_arn, "-")}\": the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID) is accepted."
  }
}

variable "shard_level_metrics" {
  description = "Metrics per shard, at a price. CALI's own /metrics already tells the lag of each shard."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([for metric in var.shard_level_metrics : contains([
      "IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords", "WriteProvisionedThroughputExceeded",
      "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds", "ALL",
    ], metric)])
    error_message = "shard_level_metrics is ${jsonencode(var.shard_level_metrics)}: IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds or ALL is accepted."
  }
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
