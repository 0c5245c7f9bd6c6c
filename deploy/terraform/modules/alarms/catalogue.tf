# Every alarm in one list. when: its part of the system is there. Descriptions say what it means and what to look at first.
locals {
  stream   = { StreamName = try(var.stream.name, "") }
  table    = { TableName = try(var.leases.table, "") }
  database = { DBInstanceIdentifier = try(var.database.identifier, "") }
  domain   = { DomainName = try(var.opensearch.domain, ""), ClientId = try(var.opensearch.account_id, "") }
  function = { FunctionName = try(var.function.name, "") }

  kinesis = { when = var.stream != null, namespace = "AWS/Kinesis", dimensions = local.stream, period = 60, below = false }
  dynamo  = { when = var.leases != null, namespace = "AWS/DynamoDB", dimensions = local.table, statistic = "Sum", period = 60, periods = 5, threshold = 0, below = false, missing = "notBreaching" }
  rds     = { when = var.database != null, namespace = "AWS/RDS", dimensions = local.database, period = 300, missing = "missing" }
  search  = { when = var.opensearch != null, namespace = "AWS/ES", dimensions = local.domain, period = 60, missing = "missing" }
  lambda  = { when = var.function != null, namespace = "AWS/Lambda", dimensions = local.function, period = 60, below = false, missing = "notBreaching" }

  # No value at all means that nobody reads the stream, which is as bad as reading it late: hence missing = breaching.
  age = merge(local.kinesis, { metric = "GetRecords.IteratorAgeMilliseconds", statistic = "Maximum", missing = "breaching" })
  gib = pow(1024, 3)

  all = {
    stream-late = merge(local.age, {
      description = "The consumer is more than ${var.late_minutes} minutes behind, or reads nothing. Look at /metrics: cali_kinesis_lag_seconds, and at the consumer's log.", periods = 5, threshold = var.late_minutes * 60000
    })
    stream-losing = merge(local.age, {
      description = "The consumer is half the stream's retention behind. At the whole of it records are lost.", periods = 1, threshold = try(var.stream.retention_hours, 168) * 3600000 / 2
    })
    stream-write-throttled = merge(local.kinesis, {
      description = "Producers are refused: more shards are needed, or ON_DEMAND. Fluent Bit tries again, and its buffer grows.", metric = "WriteProvisionedThroughputExceeded", statistic = "Sum", periods = 5, threshold = 0, missing = "notBreaching"
    })
    stream-read-throttled = merge(local.kinesis, {
      description = "Readers are refused: other applications read the stream too. More shards, or kcl.retrieval: fan-out.", metric = "ReadProvisionedThroughputExceeded", statistic = "Sum", periods = 15, threshold = 0, missing = "notBreaching"
    })
    leases-read-throttled  = merge(local.dynamo, { description = "Reads of the lease table are refused: workers may lose shards.", metric = "ReadThrottleEvents" })
    leases-write-throttled = merge(local.dynamo, { description = "Renewals of leases are refused: workers may lose shards.", metric = "WriteThrottleEvents" })
    database-storage = merge(local.rds, {
      description = "Less than ${try(var.database.free_gib, 5)} GiB are free, and the storage has grown as far as it may.", metric = "FreeStorageSpace", statistic = "Minimum", periods = 2, threshold = try(var.database.free_gib, 5) * local.gib, below = true
    })
    database-cpu = merge(local.rds, {
      description = "The database is busy for a quarter of an hour. Messages become late; nothing is lost.", metric = "CPUUtilization", statistic = "Average", periods = 3, threshold = 80, below = false
    })
    search-red = merge(local.search, {
      description = "A primary shard is missing: searches are incomplete. Alerts go on, and what is not indexed is owed.", metric = "ClusterStatus.red", statistic = "Maximum", periods = 1, threshold = 0, below = false
    })
    search-blocked = merge(local.search, {
      description = "The domain refuses writes, mostly for want of storage or memory.", metric = "ClusterIndexWritesBlocked", statistic = "Maximum", periods = 5, threshold = 0, below = false
    })
    search-storage = merge(local.search, {
      description = "A node has less than ${try(var.opensearch.free_gib, 20)} GiB free. Larger storage, or a shorter index.retentionDays.", metric = "FreeStorageSpace", statistic = "Minimum", periods = 5, threshold = try(var.opensearch.free_gib, 20) * 1024, below = true
    })
    function-errors = merge(local.lambda, {
      description = "Invocations fail. Their batch comes again, so nothing is lost, but the shard waits. Read the function's log.", metric = "Errors", statistic = "Sum", periods = 5, threshold = 0
    })
    function-throttled = merge(local.lambda, {
      description = "Invocations are refused: reserved concurrency or the account's limit is too low.", metric = "Throttles", statistic = "Sum", periods = 5, threshold = 0
    })
    function-late = merge(local.lambda, {
      description = "The function is more than ${var.late_minutes} minutes behind.", metric = "IteratorAge", statistic = "Maximum", periods = 5, threshold = var.late_minutes * 60000
    })
  }
}
