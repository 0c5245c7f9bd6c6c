mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "ap-south-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-south-1:123456789012:log-group:/aws/opensearch/cali-logs" }
  }
}

variables {
  vpc_id                    = "vpc-0a"
  subnet_ids                = ["subnet-0a", "subnet-0b"]
  client_security_group_ids = { nodes = "sg-0a" }
  client_role_arns          = ["arn:aws:iam::123456789012:role/cali-worker"]
}

run "the_domain_is_encrypted_at_rest_and_on_the_way" {
  assert {
    condition     = aws_opensearch_domain.this[0].encrypt_at_rest[0].enabled && aws_opensearch_domain.this[0].node_to_node_encryption[0].enabled
    error_message = "At rest and between nodes."
  }

  assert {
    condition     = aws_opensearch_domain.this[0].domain_endpoint_options[0].enforce_https && aws_opensearch_domain.this[0].domain_endpoint_options[0].tls_security_policy == "Policy-Min-TLS-1-2-PFS-2023-10"
    error_message = "TLS 1.2 or newer."
  }

  assert {
    condition     = length(aws_opensearch_domain.this[0].vpc_options[0].subnet_ids) == 2
    error_message = "In the VPC, in two zones."
  }
}

run "only_named_roles_and_groups_reach_it" {
  assert {
    condition     = jsondecode(aws_opensearch_domain_policy.this[0].access_policies).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:role/cali-worker"]
    error_message = "The given roles, and nobody else."
  }

  assert {
    condition     = alltrue([for one in jsondecode(aws_opensearch_domain_policy.this[0].access_policies).Statement[0].Action : !strcontains(one, "*")])
    error_message = "No wildcard action."
  }

  assert {
    condition     = jsondecode(aws_opensearch_domain_policy.this[0].access_policies).Statement[0].Resource == "arn:aws:es:ap-south-1:123456789012:domain/cali-logs/*"
    error_message = "This domain only."
  }

  assert {
    condition     = [for one in aws_vpc_security_group_ingress_rule.this : one.referenced_security_group_id] == ["sg-0a"]
    error_message = "One rule per client."
  }
}

run "without_roles_nobody_is_let_in" {
  variables {
    client_role_arns = []
  }

  assert {
    condition     = length(aws_opensearch_domain_policy.this) == 0
    error_message = "No policy."
  }
}

run "fine_grained_access_has_a_role_and_no_password" {
  variables {
    master_user_arn = "arn:aws:iam::123456789012:role/admin"
  }

  assert {
    condition     = aws_opensearch_domain.this[0].advanced_security_options[0].enabled && !aws_opensearch_domain.this[0].advanced_security_options[0].internal_user_database_enabled
    error_message = "By role."
  }
}

run "nothing_is_made_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_opensearch_domain.this) + length(aws_opensearch_domain_policy.this) + length(aws_cloudwatch_log_group.this) + length(aws_security_group.this) == 0
    error_message = "No domain, and nothing that belongs to it."
  }

  assert {
    condition     = output.url == null && output.arn == null && output.name == null
    error_message = "No output."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # A version without flat object is refused.
    engine_version = "OpenSearch_2.5"
    # Nodes that do not fit the zones are refused.
    instance_count = 3
    # A name in capitals is refused.
    name = "CALI"
    # An instance type of ec2 is refused.
    instance_type = "m7g.large"
    # Too little storage is refused.
    storage_gib = 1
  }

  expect_failures = [
    var.engine_version,
    var.instance_count,
    var.name,
    var.instance_type,
    var.storage_gib,
  ]
}

run "what_cannot_be_either_is_refused" {
  command = plan

  variables {
    # Elasticsearch is refused.
    engine_version = "Elasticsearch_7.10"
    # Four subnets are refused.
    subnet_ids     = ["a", "b", "c", "d"]
    instance_count = 4
  }

  expect_failures = [
    var.engine_version,
    var.subnet_ids,
  ]
}
