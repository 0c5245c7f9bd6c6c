mock_provider "aws" {}

variables {
  cluster_name = "prod"
  associations = {
    "cali/cali-worker" = {
      namespace       = "cali"
      service_account = "cali-worker"
      role_arn        = "arn:aws:iam::123456789012:role/cali-worker"
    }
  }
}

run "a_service_account_gets_its_role" {
  assert {
    condition     = aws_eks_addon.pod_identity_agent[0].addon_name == "eks-pod-identity-agent"
    error_message = "The agent is installed."
  }

  assert {
    condition     = aws_eks_pod_identity_association.this["cali/cali-worker"].role_arn == "arn:aws:iam::123456789012:role/cali-worker"
    error_message = "The association names the role."
  }
}

run "the_agent_can_be_there_already" {
  variables {
    create_agent = false
  }

  assert {
    condition     = length(aws_eks_addon.pod_identity_agent) == 0 && length(aws_eks_pod_identity_association.this) == 1
    error_message = "Associations without the add-on."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    # A name is no role.
    associations = { a = { namespace = "cali", service_account = "cali-worker", role_arn = "cali-worker" } }
    # A cluster name with a slash is refused.
    cluster_name = "prod/eks"
  }

  expect_failures = [
    var.associations,
    var.cluster_name,
  ]
}
