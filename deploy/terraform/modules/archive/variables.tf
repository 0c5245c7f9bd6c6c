variable "bucket" {
  description = "Name of the bucket (s3.bucket), unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket)) && !startswith(var.bucket, "xn--")
    error_message = "bucket is \"${var.bucket}\": 3 to 63 small letters, digits and dashes are accepted, no dash at either end. Dots break TLS names and are refused."
  }
}

variable "prefix" {
  description = "In front of every key (s3.prefix), e.g. \"team-a/\"."
  type        = string
  default     = ""

  validation {
    condition     = var.prefix == "" || can(regex("^[A-Za-z0-9][A-Za-z0-9/_.-]*/$", var.prefix))
    error_message = "prefix is \"${var.prefix}\": nothing, or letters, digits and / _ . - with a slash at the end, is accepted."
  }
}

variable "force_destroy" {
  description = "true lets terraform destroy delete a bucket that is not empty. For practice only: the archive is gone with it."
  type        = bool
  default     = false
}

variable "versioning" {
  description = "Keeps what was overwritten or deleted for lifecycle_days.noncurrent."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "SSE-KMS with this key and a bucket key. Absent: SSE-S3. Nothing is ever stored in the clear."
  type        = string
  default     = null
}

variable "require_tls" {
  description = "Refuses every request that does not come over TLS."
  type        = bool
  default     = true
}

variable "write_once" {
  description = "Makes S3 itself refuse to overwrite an object of logs/, quarantine/ and compact/, whoever asks."
  type        = bool
  default     = true
}

variable "lifecycle_days" {
  description = "Age in days at which objects of logs/ become cheaper (infrequent_access: 30 or more; glacier_instant: 30 or more after that), and all are deleted (expire; absent: never). null: no lifecycle."
  type = object({
    infrequent_access = optional(number, 30)
    glacier_instant   = optional(number, 90)
    expire            = optional(number)
    noncurrent        = optional(number, 30)
    abort_upload      = optional(number, 7)
    query_results     = optional(number, 7)
  })
  default = {}

  validation {
    condition     = try(var.lifecycle_days.infrequent_access, 30) >= 30
    error_message = "lifecycle_days.infrequent_access is below 30: S3 accepts 30 days or more."
  }

  validation {
    # S3 keeps an object in STANDARD_IA for 30 days before it may go on.
    condition     = try(var.lifecycle_days.glacier_instant >= var.lifecycle_days.infrequent_access + 30, true)
    error_message = "lifecycle_days.glacier_instant is ${try(var.lifecycle_days.glacier_instant, "-")} and lifecycle_days.infrequent_access ${try(var.lifecycle_days.infrequent_access, "-")}: glacier_instant of 30 days more or later is accepted, because S3 moves an object on only after 30 days in STANDARD_IA."
  }

  validation {
    condition     = try(var.lifecycle_days.expire, null) == null || try(var.lifecycle_days.expire > var.lifecycle_days.glacier_instant, true)
    error_message = "lifecycle_days.expire must be more than lifecycle_days.glacier_instant: what is deleted need not become cheaper first."
  }
}

variable "query" {
  description = "Glue table and Athena workgroup over compact/v1/. null: none."
  type = object({
    database       = optional(string, "cali")
    table          = optional(string, "records")
    workgroup      = optional(string, "cali")
    first_day      = optional(string, "2026-01-01")
    scan_limit_gib = optional(number, 10)
  })
  default = {}

  validation {
    condition     = var.query == null || alltrue([for name in [try(var.query.database, ""), try(var.query.table, "")] : can(regex("^[a-z0-9_]{1,255}$", name))])
    error_message = "query.database and query.table: small letters, digits and underscores are accepted."
  }

  validation {
    condition     = var.query == null || can(regex("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", try(var.query.first_day, "")))
    error_message = "query.first_day: a day such as 2026-01-20 is accepted."
  }

  validation {
    condition     = var.query == null || try(var.query.scan_limit_gib >= 1, false)
    error_message = "query.scan_limit_gib: 1 or more is accepted."
  }
}

variable "columns" {
  description = "Columns of the compacted files, as cali archive compact writes them."
  type = list(object({
    name    = string
    type    = string
    comment = optional(string)
  }))
  default = [
    { name = "event_id", type = "string", comment = "Identity of the event" },
    { name = "time", type = "timestamp", comment = "Time of the event, UTC" },
    { name = "observed_time", type = "timestamp", comment = "Time of arrival, UTC" },
    { name = "severity_number", type = "int", comment = "OpenTelemetry, 1 to 24" },
    { name = "severity_text", type = "string", comment = "TRACE to FATAL" },
    { name = "service", type = "string" },
    { name = "message", type = "string", comment = "First line" },
    { name = "body", type = "string", comment = "All of it" },
    { name = "exception_type", type = "string" },
    { name = "exception_message", type = "string" },
    { name = "trace_id", type = "string" },
    { name = "span_id", type = "string" },
    { name = "namespace", type = "string" },
    { name = "pod", type = "string" },
    { name = "container", type = "string" },
    { name = "node", type = "string" },
    { name = "version", type = "string" },
    { name = "labels", type = "string", comment = "JSON" },
    { name = "attributes", type = "string", comment = "JSON" },
    { name = "stream", type = "string" },
    { name = "shard", type = "string" },
    { name = "sequence", type = "string" },
    { name = "sub", type = "int" },
    { name = "line", type = "int" },
  ]

  validation {
    condition     = length(var.columns) > 0 && length(distinct(var.columns[*].name)) == length(var.columns)
    error_message = "columns has ${jsonencode(var.columns[*].name)}: at least one column, each name once, is accepted."
  }
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
