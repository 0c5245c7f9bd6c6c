variable "region" {
  description = "Region of everything."
  type        = string
  default     = "ap-northeast-2"
}

variable "vpc_id" {
  description = "Network of function and database."
  type        = string
}

variable "private_subnet_ids" {
  description = "Private subnets in two zones or more, with a way out (NAT) to AWS and Slack."
  type        = list(string)
}

variable "stream_name" {
  description = "Name of the stream."
  type        = string
  default     = "cali-log-stream"
}

variable "retention_hours" {
  description = "How long a record stays readable."
  type        = number
  default     = 168
}

variable "bucket" {
  description = "Name of the archive's bucket. Absent: made of account and region."
  type        = string
  default     = null
}

variable "function_package" {
  description = "The program: zip, s3 or image; see the module lambda."
  type = object({
    zip   = optional(string)
    s3    = optional(object({ bucket = string, key = string, version = optional(string) }))
    image = optional(string)
  })
}

variable "function_runtime" {
  description = "Runtime of a zip."
  type        = string
  default     = "nodejs24.x"
}

variable "postgres_url" {
  description = "Address of the database with user and password. Absent: the function is there, and reads nothing yet."
  type        = string
  default     = null
  sensitive   = true
}

variable "slack_bot_token" {
  description = "Bot token of the Slack app. Absent: incidents are kept, and no message is sent."
  type        = string
  default     = null
  sensitive   = true
}

variable "slack_channel" {
  description = "Channel of the messages."
  type        = string
  default     = "alerts"
}

variable "public_url" {
  description = "Address of a dashboard (cali serve) that runs elsewhere on the same database: links of messages lead there. Absent: they lead nowhere."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^\\s/?#@]+(/[^\\s?#]*)?$", var.public_url))
    error_message = "public_url is \"${coalesce(var.public_url, "-")}\": https:// with a host, and a path where there is one, is accepted, e.g. https://cali.example.com"
  }
}

variable "alarm_emails" {
  description = "Who is told by mail when CALI itself is in trouble."
  type        = list(string)
  default     = []
}

variable "deletion_protection" {
  description = "Keeps the database from being deleted, and a last snapshot of it."
  type        = bool
  default     = true
}

variable "force_destroy" {
  description = "Lets terraform destroy delete the archive with its objects."
  type        = bool
  default     = false
}
