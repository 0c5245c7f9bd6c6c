locals {
  # host/path of the cluster's OpenID Connect provider, as it stands in the conditions of a trust policy.
  oidc_provider = var.oidc_provider_arn == null ? "" : regex("oidc-provider/(.+)$", var.oidc_provider_arn)[0]

  trust = { for name, account in var.components : name => jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [
      {
        when = var.pod_identity
        what = {
          Sid       = "PodIdentity"
          Effect    = "Allow"
          Principal = { Service = "pods.eks.amazonaws.com" }
          Action    = ["sts:AssumeRole", "sts:TagSession"]
          Condition = {
            StringEquals = {
              "aws:RequestTag/eks-cluster-name"           = var.cluster_name
              "aws:RequestTag/kubernetes-namespace"       = account.namespace
              "aws:RequestTag/kubernetes-service-account" = account.service_accounts
            }
          }
        }
      },
      {
        when = var.oidc_provider_arn != null
        what = {
          Sid       = "ServiceAccountToken"
          Effect    = "Allow"
          Principal = { Federated = var.oidc_provider_arn }
          Action    = ["sts:AssumeRoleWithWebIdentity"]
          Condition = {
            StringEquals = {
              "${local.oidc_provider}:aud" = "sts.amazonaws.com"
              "${local.oidc_provider}:sub" = [for one in account.service_accounts : "system:serviceaccount:${account.namespace}:${one}"]
            }
          }
        }
      },
    ] : statement.what if statement.when]
  }) }

  policies = { for name in keys(var.components) : name => jsonencode({
    Version   = "2012-10-17"
    Statement = [for right in local.rights : right.statement if right.when && contains(right.components, name)]
  }) }
}

# One role per component: a stolen credential of one can do what that one does, and no more.
resource "aws_iam_role" "this" {
  for_each = var.components

  name                 = "${var.name_prefix}${each.key}"
  description          = "CALI: ${each.key}"
  assume_role_policy   = local.trust[each.key]
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = var.pod_identity || var.oidc_provider_arn != null
      error_message = "Nobody could take up the roles: pod_identity is false and oidc_provider_arn is absent."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.policies

  name   = "cali"
  role   = aws_iam_role.this[each.key].id
  policy = each.value
}
