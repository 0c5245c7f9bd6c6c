variable "create" {
  description = "false makes nothing: for a database that is there already."
  type        = bool
  default     = true
}

variable "name" {
  description = "Name of the instance and of what belongs to it."
  type        = string
  default     = "cali-state"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 50
    error_message = "name is \"${var.name}\": up to 50 small letters, digits and single dashes, a letter first, are accepted."
  }
}

variable "vpc_id" {
  description = "Network of the database."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids has ${length(var.subnet_ids)}: two or more, in different zones, are accepted."
  }
}

variable "client_security_group_ids" {
  description = "Who may connect: a name, e.g. \"nodes\", and the id of the security group."
  type        = map(string)
  default     = {}
}

variable "engine_version" {
  description = "PostgreSQL 16; minor versions come by themselves in the maintenance window."
  type        = string
  default     = "16"

  validation {
    condition     = can(regex("^16(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version is \"${var.engine_version}\": 16, or 16 with a minor version, is accepted."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  default     = "db.t4g.small"

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class is \"${var.instance_class}\": a class such as db.t4g.small is accepted."
  }
}

variable "storage_gib" {
  description = "Storage at the start."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gib >= 20
    error_message = "storage_gib is ${var.storage_gib}: 20 or more is accepted."
  }
}

variable "max_storage_gib" {
  description = "Storage grows by itself up to here."
  type        = number
  default     = 100

  validation {
    condition     = var.max_storage_gib > var.storage_gib
    error_message = "max_storage_gib is ${var.max_storage_gib}: more than storage_gib (${var.storage_gib}) is accepted."
  }
}

variable "multi_az" {
  description = "A second instance in another zone takes over within a minute or two. Doubles the price."
  type        = bool
  default     = false
}

variable "backup_days" {
  description = "Days of backups, to any second of them."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "backup_days is ${var.backup_days}: 1 to 35 is accepted."
  }
}

variable "deletion_protection" {
  description = "Refuses to delete the instance."
  type        = bool
  default     = true
}

variable "final_snapshot" {
  description = "Keeps a snapshot when the instance is deleted."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key of your own for storage and password. Absent: the keys that AWS keeps."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
