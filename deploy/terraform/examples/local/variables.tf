# What you may want to change. Each has a default, so that "terraform apply" alone is enough.
# Change one for a single run:  terraform apply -var stream_shards=2

variable "aws_endpoint" {
  description = "Address of the emulator."
  type        = string
  default     = "http://localhost:4566"

  validation {
    condition     = can(regex("^https?://(localhost|[a-z0-9.-]+)(:[0-9]+)?$", var.aws_endpoint)) && !strcontains(var.aws_endpoint, "amazonaws")
    error_message = "aws_endpoint is \"${var.aws_endpoint}\": the address of an emulator such as http://localhost:4566 is accepted. For AWS itself there is examples/minimal."
  }
}

variable "region" {
  description = "Region that the emulator pretends to be."
  type        = string
  default     = "ap-south-1"
}

variable "stream_name" {
  description = "Name of the stream. CALI and Fluent Bit look for this one by default."
  type        = string
  default     = "cali-log-stream"
}

variable "stream_shards" {
  description = "Lanes of the belt. One lane takes 1 MB or 1,000 records a second."
  type        = number
  default     = 1
}

variable "retention_hours" {
  description = "How long a record stays on the belt: 24 hours to 8,760 (a year)."
  type        = number
  default     = 24
}

variable "bucket" {
  description = "Name of the archive's bucket."
  type        = string
  default     = "cali-archive-local"
}

variable "force_destroy" {
  description = "true: \"terraform destroy\" also deletes a bucket that has objects in it. Right for practice, wrong for real use."
  type        = bool
  default     = true
}
