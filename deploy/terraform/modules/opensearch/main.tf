data "aws_caller_identity" "current" {
  count = var.create ? 1 : 0
}

data "aws_partition" "current" {
  count = var.create ? 1 : 0
}

data "aws_region" "current" {
  count = var.create ? 1 : 0
}

locals {
  arn = var.create ? "arn:${data.aws_partition.current[0].partition}:es:${data.aws_region.current[0].id}:${data.aws_caller_identity.current[0].account_id}:domain/${var.name}" : null
}

resource "aws_security_group" "this" {
  count = var.create ? 1 : 0

  name        = "${var.name}-opensearch"
  description = "OpenSearch of CALI"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = var.create ? var.client_security_group_ids : {}

  security_group_id            = aws_security_group.this[0].id
  description                  = each.key
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# OpenSearch puts its network interfaces into your subnets by this role. One per account.
resource "aws_iam_service_linked_role" "this" {
  count = var.create && var.create_service_linked_role ? 1 : 0

  aws_service_name = "opensearchservice.amazonaws.com"
}

resource "aws_opensearch_domain" "this" {
  count = var.create ? 1 : 0

  domain_name    = var.name
  engine_version = var.engine_version

  cluster_config {
    instance_type            = var.instance_type
    instance_count           = var.instance_count
    dedicated_master_enabled = var.dedicated_masters
    dedicated_master_count   = var.dedicated_masters ? 3 : null
    dedicated_master_type    = var.dedicated_masters ? var.dedicated_master_type : null
    zone_awareness_enabled   = length(var.subnet_ids) > 1

    dynamic "zone_awareness_config" {
      for_each = length(var.subnet_ids) > 1 ? [length(var.subnet_ids)] : []

      content {
        availability_zone_count = zone_awareness_config.value
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.storage_gib
  }

  vpc_options {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this[0].id]
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  # Fine-grained access: the named role is its administrator and maps the others to roles of OpenSearch.
  dynamic "advanced_security_options" {
    for_each = var.master_user_arn == null ? [] : [var.master_user_arn]

    content {
      enabled                        = true
      internal_user_database_enabled = false

      master_user_options {
        master_user_arn = advanced_security_options.value
      }
    }
  }

  log_publishing_options {
    log_type                 = "ES_APPLICATION_LOGS"
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this[0].arn
  }

  tags = var.tags

  depends_on = [aws_cloudwatch_log_resource_policy.this, aws_iam_service_linked_role.this]
}

resource "aws_opensearch_domain_policy" "this" {
  count = var.create && length(var.client_role_arns) > 0 ? 1 : 0

  domain_name = aws_opensearch_domain.this[0].domain_name
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NamedRolesOnly"
      Effect    = "Allow"
      Principal = { AWS = var.client_role_arns }
      Action    = ["es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
      Resource  = "${local.arn}/*"
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  count = var.create ? 1 : 0

  name              = "/aws/opensearch/${var.name}"
  retention_in_days = var.log_days
  tags              = var.tags
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  count = var.create ? 1 : 0

  policy_name = "${var.name}-opensearch"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "es.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.this[0].arn}:*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current[0].account_id }
        ArnEquals    = { "aws:SourceArn" = local.arn }
      }
    }]
  })
}
