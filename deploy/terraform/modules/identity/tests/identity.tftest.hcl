mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/cali" }
  }
}

variables {
  cluster_name        = "prod"
  stream_arn          = "arn:aws:kinesis:ap-south-1:123456789012:stream/cali-log-stream"
  stream_kms_key_arn  = "arn:aws:kms:ap-south-1:123456789012:key/stream"
  archive_bucket_arn  = "arn:aws:s3:::my-company-logs"
  archive_prefix      = "team-a/"
  archive_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/archive"
  leases_table_arn    = "arn:aws:dynamodb:ap-south-1:123456789012:table/cali-consumer"
  opensearch_arn      = "arn:aws:es:ap-south-1:123456789012:domain/cali-logs"
}

run "no_action_has_a_wildcard" {
  assert {
    condition = alltrue(flatten([for policy in values(output.policies) : [
      for statement in jsondecode(policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
    ]]))
    error_message = "An action with a wildcard."
  }
}

run "no_resource_is_everything" {
  assert {
    condition = alltrue(flatten([for policy in values(output.policies) : [
      for statement in jsondecode(policy).Statement : [for resource in statement.Resource : startswith(resource, "arn:aws:")]
    ]]))
    error_message = "A resource that is not a named one."
  }

  # A wildcard stands only behind a folder of the bucket, or behind the domain.
  assert {
    condition = alltrue(flatten([for policy in values(output.policies) : [
      for statement in jsondecode(policy).Statement : [for resource in statement.Resource :
        !strcontains(resource, "*") || can(regex("^arn:aws:(s3:::my-company-logs/team-a/(logs|quarantine|compact)|es:.*:domain/cali-logs)/\\*$", resource))
      ]
    ]]))
    error_message = "A resource that is wider than its folder."
  }
}

run "fluent_bit_can_only_put_records" {
  assert {
    condition     = flatten([for statement in jsondecode(output.policies["fluent-bit"]).Statement : statement.Action]) == ["kinesis:PutRecords", "kms:GenerateDataKey"]
    error_message = "Fluent Bit writes to the stream, and that is all."
  }
}

run "only_the_consumer_reads_the_stream_and_holds_leases" {
  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, "kinesis:GetRecords") || strcontains(policy, "dynamodb:")] == ["consumer"]
    error_message = "Stream and lease table are the consumer's."
  }

  assert {
    condition     = !strcontains(output.policies["consumer"], "dynamodb:CreateTable") && !strcontains(output.policies["consumer"], "SubscribeToShard")
    error_message = "No right that it does not need: the table is there, and fan-out is off."
  }
}

run "the_consumer_opens_the_lease_table_with_its_key_and_by_way_of_dynamodb_only" {
  variables {
    leases_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/leases"
  }

  assert {
    condition = [for statement in jsondecode(output.policies["consumer"]).Statement : statement if statement.Sid == "DecryptLeases"] == [{
      Sid       = "DecryptLeases"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey"]
      Resource  = ["arn:aws:kms:ap-south-1:123456789012:key/leases"]
      Condition = { StringEquals = { "kms:ViaService" = "dynamodb.ap-south-1.amazonaws.com" } }
    }]
    error_message = "Decrypt and DescribeKey on that key, asked for by DynamoDB of that region."
  }

  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, "key/leases")] == ["consumer"]
    error_message = "Nobody else has the key."
  }
}

run "a_key_without_a_lease_table_gives_no_right" {
  variables {
    leases_table_arn   = null
    leases_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/leases"
  }

  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "key/leases")])
    error_message = "No table: no key."
  }
}

run "only_jobs_send_probes_unless_the_consumer_is_named" {
  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, "\"kinesis:PutRecord\"")] == ["jobs"]
    error_message = "By default probes come from cali probe."
  }
}

run "with_an_interval_the_consumer_sends_probes_too" {
  variables {
    probers = ["jobs", "consumer"]
  }

  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, "\"kinesis:PutRecord\"")] == ["consumer", "jobs"]
    error_message = "Jobs and consumer."
  }

  assert {
    condition     = contains([for statement in jsondecode(output.policies["consumer"]).Statement : statement.Sid], "EncryptRecords")
    error_message = "With a key of one's own, the right to encrypt comes with it."
  }
}

run "nobody_deletes_from_the_archive_and_jobs_write_copies_only" {
  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "s3:Delete")])
    error_message = "Nobody deletes."
  }

  assert {
    condition = [for statement in jsondecode(output.policies["jobs"]).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")] == [
      ["arn:aws:s3:::my-company-logs/team-a/compact/*"],
    ]
    error_message = "Jobs write compacted copies only."
  }

  assert {
    condition     = !strcontains(output.policies["worker"], "s3:PutObject")
    error_message = "The worker only reads the archive."
  }
}

run "old_indices_are_the_workers_to_delete" {
  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, "es:ESHttpDelete")] == ["worker"]
    error_message = "Only who keeps house deletes."
  }
}

run "a_role_is_for_its_service_accounts_in_this_cluster" {
  assert {
    condition = jsondecode(aws_iam_role.this["worker"].assume_role_policy).Statement == [{
      Sid       = "PodIdentity"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = { StringEquals = {
        "aws:RequestTag/eks-cluster-name"           = "prod"
        "aws:RequestTag/kubernetes-namespace"       = "cali"
        "aws:RequestTag/kubernetes-service-account" = ["cali-worker"]
      } }
    }]
    error_message = "Cluster, namespace and service account are all asked for."
  }

  assert {
    condition     = length(output.associations) == 9 && output.associations["cali/cali-probe"].service_account == "cali-probe"
    error_message = "One association per service account."
  }
}

run "a_token_of_a_service_account_is_accepted_with_irsa" {
  variables {
    pod_identity      = false
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.ap-south-1.amazonaws.com/id/ABC"
  }

  assert {
    condition = jsondecode(aws_iam_role.this["api"].assume_role_policy).Statement[0].Condition.StringEquals == {
      "oidc.eks.ap-south-1.amazonaws.com/id/ABC:aud" = "sts.amazonaws.com"
      "oidc.eks.ap-south-1.amazonaws.com/id/ABC:sub" = ["system:serviceaccount:cali:cali-api"]
    }
    error_message = "Audience and subject are asked for, without a wildcard."
  }
}

run "without_options_there_are_no_rights_for_them" {
  variables {
    stream_kms_key_arn  = null
    archive_kms_key_arn = null
    leases_table_arn    = null
    opensearch_arn      = null
  }

  assert {
    condition     = alltrue([for policy in values(output.policies) : !strcontains(policy, "kms:") && !strcontains(policy, "dynamodb:") && !strcontains(policy, "es:")])
    error_message = "No key, no table, no domain: no right."
  }
}

run "fan_out_has_its_rights" {
  variables {
    fan_out = true
  }

  assert {
    condition     = strcontains(output.policies["consumer"], "kinesis:SubscribeToShard")
    error_message = "SubscribeToShard."
  }
}

run "secrets_are_given_out_one_by_one" {
  variables {
    secret_arns         = { worker = ["arn:aws:secretsmanager:ap-south-1:123456789012:secret:cali/slack-bot-token-abc"] }
    secrets_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/secrets"
  }

  assert {
    condition     = keys(aws_iam_role_policy.secrets) == ["worker"]
    error_message = "Only the worker."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.secrets["worker"].policy).Statement[0].Resource == ["arn:aws:secretsmanager:ap-south-1:123456789012:secret:cali/slack-bot-token-abc"]
    error_message = "Only that secret."
  }
}

run "roles_that_nobody_can_take_up_are_refused" {
  command = plan
  variables {
    pod_identity = false
  }
  expect_failures = [aws_iam_role.this]
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # An unknown component is refused.
    components = { admin = { namespace = "cali", service_accounts = ["admin"] } }
    # An issuer is no provider.
    oidc_provider_arn = "https://oidc.eks.ap-south-1.amazonaws.com/id/ABC"
    # An alias is no key.
    leases_kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:alias/leases"
  }

  expect_failures = [
    var.components,
    var.oidc_provider_arn,
    var.leases_kms_key_arn,
  ]
}

run "secrets_of_nobody_are_refused" {
  command = plan

  variables {
    secret_arns = { admin = ["arn:aws:secretsmanager:ap-south-1:123456789012:secret:x"] }
  }

  expect_failures = [var.secret_arns]
}

run "a_wildcard_for_a_service_account_is_refused" {
  command = plan

  variables {
    components = { api = { namespace = "cali", service_accounts = ["*"] } }
  }

  expect_failures = [var.components]
}
