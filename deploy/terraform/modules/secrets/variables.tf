variable "name_prefix" {
  description = "Stands in front of each name."
  type        = string
  default     = "cali/"

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_+=.@-]{1,200}$", var.name_prefix))
    error_message = "name_prefix is \"${var.name_prefix}\": 1 to 200 letters, digits and / _ + = . @ - are accepted."
  }
}

variable "secrets" {
  description = "Name of each secret and what it holds. The name is the setting with dashes: postgres-url is CALI_POSTGRES_URL."
  type        = map(string)
  default = {
    postgres-url    = "Address of the state database with user and password"
    server-token    = "Bearer token of API and sources, at least 16 characters"
    slack-bot-token = "Bot token of the Slack app, xoxb-"
    slack-app-token = "App-level token of the Slack app, xapp-, for the buttons"
    openai-api-key  = "Key of the model, if there is one"
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)+$", name))])
    error_message = "secrets has the names ${jsonencode(keys(var.secrets))}: settings in small letters with dashes, e.g. slack-bot-token, are accepted."
  }
}

variable "kms_key_arn" {
  description = "Key of your own. Absent: the key that AWS keeps for Secrets Manager (alias/aws/secretsmanager)."
  type        = string
  default     = null
}

variable "recovery_days" {
  description = "How long a deleted secret can be taken back; 0 deletes at once."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days is ${var.recovery_days}: 0, or 7 to 30, is accepted."
  }
}

variable "tags" {
  description = "Tags of every resource that can have some."
  type        = map(string)
  default     = {}
}
