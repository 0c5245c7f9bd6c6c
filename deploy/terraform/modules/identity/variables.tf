variable "cluster_name" {
  description = "Name of the EKS cluster, which exists already."
  type        = string
}

variable "name_prefix" {
  description = "Stands in front of the component in each role's name."
  type        = string
  default     = "cali-"

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,40}$", var.name_prefix))
    error_message = "name_prefix is \"${var.name_prefix}\": 1 to 40 letters, digits and + = , . @ _ - are accepted."
  }
}

variable "components" {
  description = "Service accounts of each component: consumer, api, worker, jobs, fluent-bit. The defaults are those of the Helm chart, installed as \"cali\". A component that is left out gets no role."
  type = map(object({
    namespace        = string
    service_accounts = list(string)
  }))
  default = {
    consumer = { namespace = "cali", service_accounts = ["cali-consumer"] }
    api      = { namespace = "cali", service_accounts = ["cali-api"] }
    worker   = { namespace = "cali", service_accounts = ["cali-worker"] }
    jobs = {
      namespace        = "cali"
      service_accounts = ["cali-setup", "cali-kb-sync", "cali-archive-compact", "cali-weekly-report", "cali-probe"]
    }
    fluent-bit = { namespace = "logging", service_accounts = ["fluent-bit-cali"] }
  }

  validation {
    condition     = length(setsubtract(keys(var.components), ["consumer", "api", "worker", "jobs", "fluent-bit"])) == 0
    error_message = "components has ${jsonencode(keys(var.components))}: consumer, api, worker, jobs and fluent-bit are accepted."
  }

  validation {
    condition = alltrue(flatten([for own in values(var.components) : [
      for name in concat([own.namespace], own.service_accounts) : can(regex("^[a-z0-9][a-z0-9.-]*$", name))
    ]]))
    error_message = "components names a namespace or service account with other characters than small letters, digits, dots and dashes. A wildcard is not accepted."
  }

  validation {
    condition     = alltrue([for own in values(var.components) : length(own.service_accounts) > 0])
    error_message = "components has one without a service account: at least one is accepted."
  }
}

variable "pod_identity" {
  description = "Lets EKS Pod Identity hand out the roles (module eks-addons)."
  type        = bool
  default     = true
}

variable "oidc_provider_arn" {
  description = "Provider of the cluster in IAM. Given: service account tokens are accepted too (IRSA)."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:[^:]+:iam::[0-9]{12}:oidc-provider/.+$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn is \"${coalesce(var.oidc_provider_arn, "-")}\": arn:aws:iam::ACCOUNT:oidc-provider/HOST/id/ID is accepted."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role, where the account asks for one."
  type        = string
  default     = null
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

variable "fan_out" {
  description = "Rights for kcl.retrieval: fan-out."
  type        = bool
  default     = false
}

variable "archive_bucket_arn" {
  description = "ARN of the archive's bucket."
  type        = string
}

variable "archive_prefix" {
  description = "s3.prefix: nothing, or with a slash at its end."
  type        = string
  default     = ""
}

variable "archive_kms_key_arn" {
  description = "Key of the archive; absent with SSE-S3."
  type        = string
  default     = null
}

variable "leases_table_arn" {
  description = "ARN of the lease table; absent without the KCL."
  type        = string
  default     = null
}

variable "leases_kms_key_arn" {
  description = "Key of your own that encrypts the lease table, in the region of the table; absent with the key that AWS keeps."
  type        = string
  default     = null

  validation {
    condition     = var.leases_kms_key_arn == null || can(regex("^arn:[^:]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.leases_kms_key_arn))
    error_message = "leases_kms_key_arn is \"${coalesce(var.leases_kms_key_arn, "-")}\": arn:aws:kms:REGION:ACCOUNT:key/ID is accepted. The ARN of an alias gives no right."
  }
}

variable "opensearch_arn" {
  description = "ARN of the domain; absent without OpenSearch."
  type        = string
  default     = null
}

variable "housekeepers" {
  description = "Components that delete old indices: those that run without --no-delivery."
  type        = list(string)
  default     = ["worker"]
}

variable "probers" {
  description = "Components that put probes into the stream. jobs: cali probe. With probe.interval the processes that read the stream send them, never cali work: then [\"jobs\", \"consumer\"]."
  type        = list(string)
  default     = ["jobs"]
}

variable "secret_arns" {
  description = "ARNs of the secrets that each component may read."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.secret_arns), keys(var.components))) == 0
    error_message = "secret_arns has ${jsonencode(keys(var.secret_arns))}: names of components are accepted."
  }
}

variable "secrets_kms_key_arn" {
  description = "Key of the secrets; absent with the key that AWS keeps."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
