variable "name" {
  description = "Stands in front of each alarm's name."
  type        = string
  default     = "cali"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,100}$", var.name))
    error_message = "name is \"${var.name}\": 1 to 100 letters, digits, dashes and underscores are accepted."
  }
}

variable "create_topic" {
  description = "Makes a topic, encrypted with a key of its own. false: topic_arn names one of yours."
  type        = bool
  default     = true
}

variable "topic_arn" {
  description = "Topic of your own, with create_topic = false."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn == null || can(regex("^arn:[^:]+:sns:[^:]+:[0-9]{12}:.+$", var.topic_arn))
    error_message = "topic_arn is \"${coalesce(var.topic_arn, "-")}\": arn:aws:sns:REGION:ACCOUNT:NAME is accepted."
  }

  validation {
    condition     = var.create_topic || var.topic_arn != null
    error_message = "topic_arn is absent: with create_topic = false the ARN of a topic is accepted."
  }
}

variable "emails" {
  description = "Who is told by mail."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "emails is ${jsonencode(var.emails)}: mail addresses are accepted."
  }
}

variable "late_minutes" {
  description = "How far behind the stream somebody is told."
  type        = number
  default     = 10

  validation {
    condition     = var.late_minutes >= 1
    error_message = "late_minutes is ${var.late_minutes}: 1 or more is accepted."
  }
}

variable "stream" {
  description = "The stream; null: no alarms for it. They look at GetRecords, so not at kcl.retrieval: fan-out."
  type = object({
    name            = string
    retention_hours = number
  })
  default = null
}

variable "leases" {
  description = "The lease table; null: no alarms for it."
  type        = object({ table = string })
  default     = null
}

variable "database" {
  description = "The RDS instance; null: no alarms for it."
  type = object({
    identifier = string
    free_gib   = optional(number, 5)
  })
  default = null
}

variable "opensearch" {
  description = "The domain and its account; null: no alarms for it."
  type = object({
    domain     = string
    account_id = string
    free_gib   = optional(number, 20)
  })
  default = null
}

variable "function" {
  description = "The Lambda function; null: no alarms for it."
  type        = object({ name = string })
  default     = null
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
