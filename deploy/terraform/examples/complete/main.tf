# Everything that CALI's pods need of AWS. The EKS cluster exists already; the Helm chart in deploy/helm puts the pods there.
data "aws_caller_identity" "me" {}

# One key for all of it: whoever may not use it reads nothing, whatever else went wrong. With the policy that AWS gives a
# key by default, the rights of the roles below decide.
resource "aws_kms_key" "cali" {
  description         = "CALI: stream, archive, state, leases, search, secrets"
  enable_key_rotation = true
}

resource "aws_kms_alias" "cali" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.cali.key_id
}

module "stream" {
  source = "../../modules/kinesis"

  name            = var.stream_name
  mode            = var.stream_mode
  shards          = var.stream_shards
  retention_hours = var.retention_hours
  kms_key_arn     = aws_kms_key.cali.arn
}

module "archive" {
  source = "../../modules/archive"

  bucket         = coalesce(var.bucket, "${var.name}-archive-${data.aws_caller_identity.me.account_id}-${var.region}")
  prefix         = var.archive_prefix
  kms_key_arn    = aws_kms_key.cali.arn
  lifecycle_days = { expire = var.archive_days }
  query          = { database = replace(var.name, "-", "_"), workgroup = var.name }
}

module "state" {
  source = "../../modules/state"

  name                      = "${var.name}-state"
  vpc_id                    = var.vpc_id
  subnet_ids                = var.private_subnet_ids
  client_security_group_ids = { nodes = var.node_security_group_id }
  instance_class            = var.database_class
  multi_az                  = true
  kms_key_arn               = aws_kms_key.cali.arn
}

# Who holds which shard. The name is that of the KCL application.
module "leases" {
  source = "../../modules/leases"

  name        = "${var.name}-consumer"
  kms_key_arn = aws_kms_key.cali.arn
}

module "opensearch" {
  source = "../../modules/opensearch"

  create                     = var.create_opensearch
  name                       = "${var.name}-logs"
  vpc_id                     = var.vpc_id
  subnet_ids                 = slice(var.private_subnet_ids, 0, 2)
  client_security_group_ids  = { nodes = var.node_security_group_id }
  client_role_arns           = [for name, arn in module.identity.role_arns : arn if name != "fluent-bit"]
  create_service_linked_role = var.create_service_linked_role
  kms_key_arn                = aws_kms_key.cali.arn
}

module "secrets" {
  source = "../../modules/secrets"

  name_prefix = "${var.name}/"
  kms_key_arn = aws_kms_key.cali.arn
}

locals {
  # Who reads which secret, as the Helm chart gives them out (cali.secretsOf). Whoever listens needs the token; consumer and
  # api run with --no-delivery, so that they need nothing of Slack and of the model. The jobs are setup, kb-sync (model),
  # weekly-report (Slack) and probe.
  secrets_of = {
    consumer = ["postgres-url", "server-token"]
    api      = ["postgres-url", "server-token"]
    worker   = ["postgres-url", "server-token", "slack-bot-token", "slack-app-token", "openai-api-key"]
    jobs     = ["postgres-url", "slack-bot-token", "openai-api-key"]
  }
}

module "identity" {
  source = "../../modules/identity"

  cluster_name        = var.cluster_name
  name_prefix         = "${var.name}-"
  pod_identity        = var.pod_identity
  oidc_provider_arn   = var.oidc_provider_arn
  stream_arn          = module.stream.arn
  stream_kms_key_arn  = aws_kms_key.cali.arn
  archive_bucket_arn  = module.archive.bucket_arn
  archive_prefix      = var.archive_prefix
  archive_kms_key_arn = aws_kms_key.cali.arn
  leases_table_arn    = module.leases.arn
  leases_kms_key_arn  = aws_kms_key.cali.arn
  opensearch_arn      = module.opensearch.arn
  secret_arns         = { for name, secrets in local.secrets_of : name => [for secret in secrets : module.secrets.arns[secret]] }
  secrets_kms_key_arn = aws_kms_key.cali.arn
}

module "eks_addons" {
  source = "../../modules/eks-addons"
  count  = var.pod_identity ? 1 : 0

  cluster_name = var.cluster_name
  create_agent = var.create_pod_identity_agent
  associations = module.identity.associations
}

module "alarms" {
  source = "../../modules/alarms"

  name       = var.name
  emails     = var.alarm_emails
  stream     = { name = module.stream.name, retention_hours = var.retention_hours }
  leases     = { table = module.leases.name }
  database   = { identifier = module.state.identifier }
  opensearch = var.create_opensearch ? { domain = module.opensearch.name, account_id = data.aws_caller_identity.me.account_id } : null
}
