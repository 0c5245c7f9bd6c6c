variable "name" {
  description = "Name of the function, its roles and its log."
  type        = string
  default     = "cali-consumer"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,50}$", var.name))
    error_message = "name is \"${var.name}\": 1 to 50 letters, digits, dashes and underscores are accepted."
  }
}

variable "package" {
  description = "The program: a zip file on this machine (below 50 MB), one in S3, or an image in ECR. Just one of them."
  type = object({
    zip   = optional(string)
    s3    = optional(object({ bucket = string, key = string, version = optional(string) }))
    image = optional(string)
  })

  validation {
    condition     = length([for one in [var.package.zip, try(var.package.s3.key, null), var.package.image] : one if one != null]) == 1
    error_message = "package has ${length([for one in [var.package.zip, try(var.package.s3.key, null), var.package.image] : one if one != null])} of zip, s3 and image: just one is accepted."
  }
}

variable "runtime" {
  description = "Runtime of a zip. CALI needs Node.js 24; the AWS provider knows it from 6.20 on."
  type        = string
  default     = "nodejs24.x"
}

variable "architecture" {
  description = "arm64 costs a fifth less than x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is \"${var.architecture}\": arm64 or x86_64 is accepted."
  }
}

variable "memory_mib" {
  description = "Memory; at 1769 MiB a function has one whole CPU."
  type        = number
  default     = 1769

  validation {
    condition     = var.memory_mib >= 512 && var.memory_mib <= 10240
    error_message = "memory_mib is ${var.memory_mib}: 512 to 10240 is accepted."
  }
}

variable "timeout_seconds" {
  description = "Longest invocation. What is not done three seconds before comes again."
  type        = number
  default     = 120

  validation {
    condition     = var.timeout_seconds >= 30 && var.timeout_seconds <= 900
    error_message = "timeout_seconds is ${var.timeout_seconds}: 30 to 900 is accepted."
  }
}

variable "reserved_concurrency" {
  description = "Invocations kept free for this function: at least the shards and one for the schedule. -1: none, up to the account's limit."
  type        = number
  default     = -1
}

variable "batch_size" {
  description = "Records of one invocation at most; 6 MB end a batch sooner."
  type        = number
  default     = 1000

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000
    error_message = "batch_size is ${var.batch_size}: 1 to 10000 is accepted."
  }
}

variable "batching_window_seconds" {
  description = "How long a batch may wait to become larger. It delays each alert by as much."
  type        = number
  default     = 1

  validation {
    condition     = var.batching_window_seconds >= 0 && var.batching_window_seconds <= 300 && (var.batch_size <= 10 || var.batching_window_seconds >= 1)
    error_message = "batching_window_seconds is ${var.batching_window_seconds}: 0 to 300 is accepted, and at least 1 with a batch_size above 10."
  }
}

variable "enabled" {
  description = "false leaves stream and schedule alone: until the settings are complete. The stream keeps everything meanwhile."
  type        = bool
  default     = true
}

variable "stream_arn" {
  description = "ARN of the stream."
  type        = string
}

variable "stream_kms_key_arn" {
  description = "Key of your own that encrypts the stream; absent with the key that AWS keeps."
  type        = string
  default     = null
}

variable "archive" {
  description = "The archive's bucket, prefix and key."
  type = object({
    bucket_arn  = string
    prefix      = optional(string, "")
    kms_key_arn = optional(string)
  })
}

variable "opensearch_arn" {
  description = "ARN of the domain; absent without OpenSearch."
  type        = string
  default     = null
}

variable "on_failure_arn" {
  description = "Where a batch goes that the stream no longer has: a bucket (keeps the records), a queue or a topic (only say which)."
  type        = string
  default     = null

  validation {
    condition     = var.on_failure_arn == null || can(regex("^arn:[^:]+:(s3|sqs|sns):", var.on_failure_arn))
    error_message = "on_failure_arn is \"${coalesce(var.on_failure_arn, "-")}\": the ARN of a bucket, a queue or a topic is accepted."
  }
}

variable "vpc" {
  description = "Subnets and security groups. They must reach PostgreSQL, Kinesis, S3 and Slack: private subnets with a way out (NAT)."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "environment" {
  description = "Settings: CALI_* variables."
  type        = map(string)
  default     = {}
}

variable "secret_environment" {
  description = "Settings that are secrets, e.g. CALI_POSTGRES_URL. They stand in Terraform's state: keep that encrypted and private."
  type        = map(string)
  default     = {}
  sensitive   = true
}

variable "kms_key_arn" {
  description = "Key of your own for the settings. Absent: the key that AWS keeps for Lambda."
  type        = string
  default     = null
}

variable "log_days" {
  description = "How long the function's log is kept."
  type        = number
  default     = 14
}

variable "permissions_boundary_arn" {
  description = "Boundary of both roles, where the account asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
