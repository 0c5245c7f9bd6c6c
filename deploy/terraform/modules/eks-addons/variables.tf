variable "cluster_name" {
  description = "Name of the EKS cluster, which exists already."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name is \"${var.cluster_name}\": 1 to 100 letters, digits, dashes and underscores are accepted."
  }
}

variable "create_agent" {
  description = "Installs the add-on eks-pod-identity-agent. false where the cluster has it (EKS Auto Mode brings it along)."
  type        = bool
  default     = true
}

variable "agent_version" {
  description = "Version of the add-on. Absent: the default one for the cluster's version."
  type        = string
  default     = null
}

variable "associations" {
  description = "Role of each service account; the output associations of the module identity."
  type = map(object({
    namespace       = string
    service_account = string
    role_arn        = string
  }))
  default = {}

  validation {
    condition     = alltrue([for one in values(var.associations) : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/.+$", one.role_arn))])
    error_message = "associations has the roles ${jsonencode([for one in values(var.associations) : one.role_arn])}: ARNs of roles (arn:aws:iam::ACCOUNT:role/NAME) are accepted."
  }
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
