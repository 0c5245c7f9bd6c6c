output "topic_arn" {
  description = "Topic that alarms are sent to."
  value       = local.topic_arn
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
