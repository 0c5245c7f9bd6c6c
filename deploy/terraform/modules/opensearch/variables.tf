variable "create" {
  description = "false makes nothing: log search then stays in SQLite, or in a domain that is there already."
  type        = bool
  default     = true
}

variable "name" {
  description = "Name of the domain."
  type        = string
  default     = "cali-logs"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,27}$", var.name))
    error_message = "name is \"${var.name}\": 3 to 28 small letters, digits and dashes, a letter first, are accepted."
  }
}

variable "vpc_id" {
  description = "Network of the domain."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets: one, or two or three in different zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 1 && length(var.subnet_ids) <= 3
    error_message = "subnet_ids has ${length(var.subnet_ids)}: one to three are accepted."
  }
}

variable "client_security_group_ids" {
  description = "Who may connect: a name, e.g. \"nodes\", and the id of the security group."
  type        = map(string)
  default     = {}
}

variable "client_role_arns" {
  description = "Roles whose signed requests are accepted; e.g. those of consumer, api, worker and jobs. None: nobody's."
  type        = list(string)
  default     = []
}

variable "master_user_arn" {
  description = "Switches fine-grained access on, with this role as its administrator. Absent: the access policy alone decides."
  type        = string
  default     = null
}

variable "engine_version" {
  description = "Version of the engine. CALI needs 2.7 or newer."
  type        = string
  default     = "OpenSearch_3.1"

  validation {
    condition     = can(regex("^OpenSearch_(2\\.([7-9]|[1-9][0-9])|[3-9]\\.[0-9]+)$", var.engine_version))
    error_message = "engine_version is \"${var.engine_version}\": OpenSearch_2.7 or newer, such as OpenSearch_3.1, is accepted."
  }
}

variable "instance_type" {
  description = "Size of a node."
  type        = string
  default     = "m7g.large.search"

  validation {
    condition     = endswith(var.instance_type, ".search")
    error_message = "instance_type is \"${var.instance_type}\": a type such as m7g.large.search is accepted."
  }
}

variable "instance_count" {
  description = "Nodes: a multiple of the number of subnets."
  type        = number
  default     = 2

  validation {
    condition     = var.instance_count >= 1 && var.instance_count % length(var.subnet_ids) == 0
    error_message = "instance_count is ${var.instance_count}: a multiple of the number of subnets (${length(var.subnet_ids)}) is accepted."
  }
}

variable "dedicated_masters" {
  description = "Three nodes that only keep the cluster together. Worth it from about ten nodes on."
  type        = bool
  default     = false
}

variable "dedicated_master_type" {
  description = "Size of those."
  type        = string
  default     = "m7g.medium.search"
}

variable "storage_gib" {
  description = "Storage of a node. About 5 KB per kept line and copy."
  type        = number
  default     = 100

  validation {
    condition     = var.storage_gib >= 10
    error_message = "storage_gib is ${var.storage_gib}: 10 or more is accepted."
  }
}

variable "log_days" {
  description = "How long the domain's own log is kept in CloudWatch."
  type        = number
  default     = 14
}

variable "kms_key_arn" {
  description = "Key of your own. Absent: the key that AWS keeps for OpenSearch."
  type        = string
  default     = null
}

variable "create_service_linked_role" {
  description = "true in an account that never had a domain in a VPC."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
