variable "create" {
  description = "false makes nothing: for a set-up that reads the stream by Lambda or by one process."
  type        = bool
  default     = true
}

variable "name" {
  description = "Name of the table. It must be that of the KCL application (kcl.application)."
  type        = string
  default     = "cali-consumer"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name is \"${var.name}\": 3 to 255 letters, digits, dots, dashes and underscores are accepted."
  }
}

variable "point_in_time_recovery" {
  description = "Continuous backups of the last 35 days."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Refuses to delete the table. Without it all workers begin at their initial position again."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key of your own. Absent: the key that AWS keeps for DynamoDB (alias/aws/dynamodb)."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
