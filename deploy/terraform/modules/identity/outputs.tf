output "role_arns" {
  description = "ARN of each component's role. With IRSA: the value of the annotation eks.amazonaws.com/role-arn."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "associations" {
  description = "What the module eks-addons takes: the role of each service account."
  value = merge([for name, account in var.components : {
    for service_account in account.service_accounts : "${account.namespace}/${service_account}" => {
      namespace       = account.namespace
      service_account = service_account
      role_arn        = aws_iam_role.this[name].arn
    }
  }]...)
}

output "policies" {
  description = "Policy of each component, to read and to compare."
  value       = local.policies
}
