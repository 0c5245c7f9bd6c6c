output "association_ids" {
  description = "Id of each association by the name it was given."
  value       = { for name, association in aws_eks_pod_identity_association.this : name => association.association_id }
}

output "agent_version" {
  description = "Version of the add-on; null where it is not made here."
  value       = one(aws_eks_addon.pod_identity_agent[*].addon_version)
}
