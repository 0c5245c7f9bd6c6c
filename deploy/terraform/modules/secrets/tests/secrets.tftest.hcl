mock_provider "aws" {}

run "there_are_containers_without_values" {
  assert {
    condition     = aws_secretsmanager_secret.this["postgres-url"].name == "cali/postgres-url"
    error_message = "The prefix stands in front."
  }

  assert {
    condition     = alltrue([for one in aws_secretsmanager_secret.this : one.recovery_window_in_days == 30])
    error_message = "A deleted secret can be taken back."
  }

  assert {
    condition     = toset(keys(output.arns)) == toset(keys(var.secrets))
    error_message = "Every secret has its ARN."
  }
}

run "each_secret_says_which_variable_it_belongs_into" {
  assert {
    condition     = output.variables["slack-bot-token"] == "CALI_SLACK_BOT_TOKEN" && output.variables["openai-api-key"] == "CALI_OPENAI_API_KEY"
    error_message = "The name is the variable's."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # A name that is no setting is refused.
    secrets = { PASSWORD = "of somebody" }
    # A recovery that aws does not know is refused.
    recovery_days = 3
    # A prefix with a space is refused.
    name_prefix = "my team/"
  }

  expect_failures = [
    var.secrets,
    var.recovery_days,
    var.name_prefix,
  ]
}
