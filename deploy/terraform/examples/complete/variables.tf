variable "name" {
  description = "Stands in front of every name."
  type        = string
  default     = "cali"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 20
    error_message = "name is \"${var.name}\": up to 20 small letters, digits and single dashes, a letter first, are accepted."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "ap-northeast-2"
}

variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string
}

variable "pod_identity" {
  description = "Roles by EKS Pod Identity."
  type        = bool
  default     = true
}

variable "create_pod_identity_agent" {
  description = "Installs the agent of Pod Identity; false where the cluster has it."
  type        = bool
  default     = true
}

variable "oidc_provider_arn" {
  description = "OpenID Connect provider of the cluster in IAM. Given: roles by service account token (IRSA) too."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "Network of the cluster."
  type        = string
}

variable "private_subnet_ids" {
  description = "Private subnets in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "private_subnet_ids has ${length(var.private_subnet_ids)}: two or more, in different zones, are accepted."
  }
}

variable "node_security_group_id" {
  description = "Security group of the cluster's nodes (or pods): it may connect to database and search."
  type        = string
}

variable "stream_name" {
  description = "Name of the stream."
  type        = string
  default     = "cali-log-stream"
}

variable "stream_mode" {
  description = "ON_DEMAND or PROVISIONED."
  type        = string
  default     = "ON_DEMAND"
}

variable "stream_shards" {
  description = "Shards of a PROVISIONED stream."
  type        = number
  default     = 2
}

variable "retention_hours" {
  description = "How long a record stays readable."
  type        = number
  default     = 168
}

variable "bucket" {
  description = "Name of the archive's bucket. Absent: made of name, account and region."
  type        = string
  default     = null
}

variable "archive_prefix" {
  description = "In front of every key."
  type        = string
  default     = ""
}

variable "archive_days" {
  description = "Days after which the archive is deleted. Absent: never."
  type        = number
  default     = 365
}

variable "database_class" {
  description = "Size of the database."
  type        = string
  default     = "db.t4g.medium"
}

variable "create_opensearch" {
  description = "Makes a domain for log search. It costs more than all the rest."
  type        = bool
  default     = true
}

variable "create_service_linked_role" {
  description = "true in an account that never had a domain in a VPC."
  type        = bool
  default     = false
}

variable "alarm_emails" {
  description = "Who is told by mail when CALI itself is in trouble."
  type        = list(string)
  default     = []
}
