{{/* What values.schema.json cannot say: values that contradict each other. All faults are told at once. */}}

{{/* Bytes of a size such as 512Mi, 2Gi, 512m or 2g (Java); 0 where it is written otherwise. */}}
{{- define "cali.mebibytes" -}}
{{- if regexMatch "^[0-9]+(Mi|m)$" . -}}
{{ regexFind "^[0-9]+" . }}
{{- else if regexMatch "^[0-9]+(Gi|g)$" . -}}
{{ regexFind "^[0-9]+" . | int | mul 1024 }}
{{- else -}}
0
{{- end -}}
{{- end }}

{{/*
Seconds of a duration as the program reads it, rounded up: 500ms, 10s, 1.5m, 2h, 7d, or a bare number of milliseconds; empty
where it is written otherwise. A number in a file of values is a float, which would be printed as 1e+06.
*/}}
{{- define "cali.seconds" -}}
{{- $text := ternary (printf "%.3f" .) (toString .) (kindIs "float64" .) | trim -}}
{{- if regexMatch "^[0-9]{1,9}(\\.[0-9]{1,3})?[ \t]*(ms|s|m|h|d)?$" $text -}}
{{- $unit := regexFind "[a-z]+$" $text | default "ms" -}}
{{- mulf (regexFind "^[0-9.]+" $text | float64) (get (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0) $unit) | ceil | int64 -}}
{{- end -}}
{{- end }}

{{- define "cali.checks" -}}
{{- $v := .Values -}}
{{- $faults := list -}}
{{- $runs := or $v.consumer.enabled $v.api.enabled $v.worker.enabled -}}
{{- $postgres := $v.secrets.postgresUrl.name -}}
{{- $bucket := dig "s3" "bucket" "" $v.config -}}
{{- $stream := dig "kinesis" "stream" "" $v.config -}}
{{- $opensearch := dig "opensearch" "url" "" $v.config -}}

{{- if not $v.image.repository -}}
{{- $faults = append $faults "image.repository is empty: the name of the image that you built and pushed is needed, e.g. registry.example.com/cali" -}}
{{- end -}}
{{- if not $runs -}}
{{- $faults = append $faults "consumer.enabled, api.enabled and worker.enabled are all false: at least one must be true" -}}
{{- end -}}
{{- if not $v.secrets.serverToken.name -}}
{{- $faults = append $faults "secrets.serverToken.name is empty: pods listen for other machines, so a token is needed. Name an existing Secret that holds at least 16 characters under secrets.serverToken.key" -}}
{{- end -}}

{{- range $secret, $setting := include "cali.secretSettings" . | fromYaml -}}
{{- $path := splitList "." $setting -}}
{{- if hasKey (get $v.config (first $path) | default dict) (last $path) -}}
{{- $faults = append $faults (printf "config.%s is a secret, and everybody who may read ConfigMaps could read it: name an existing Secret in secrets.%s" $setting $secret) -}}
{{- end -}}
{{- end -}}
{{- $host := dig "server" "host" "0.0.0.0" $v.config -}}
{{- if ne $host "0.0.0.0" -}}
{{- $faults = append $faults (printf "config.server.host is %q: the chart sets it to 0.0.0.0, else probes and Services could not reach the pod. Leave it out" $host) -}}
{{- end -}}
{{- if hasKey $v.config "dataDir" -}}
{{- $faults = append $faults "config.dataDir is set: the chart mounts the data folder itself. Leave it out" -}}
{{- end -}}
{{- if hasKey ($v.config.kcl | default dict) "workerId" -}}
{{- $faults = append $faults "config.kcl.workerId is set: all pods would have one name. The chart names each worker after its pod. Leave it out" -}}
{{- end -}}
{{- if $v.localState.enabled -}}
{{- if $postgres -}}
{{- $faults = append $faults "localState.enabled and secrets.postgresUrl are both set: incidents are kept in one place. Keep one of them" -}}
{{- end -}}
{{- if or $v.consumer.enabled $v.worker.enabled -}}
{{- $faults = append $faults "localState.enabled with consumer.enabled or worker.enabled: one pod can use the volume, and does all the work. Set both to false, or use PostgreSQL (secrets.postgresUrl)" -}}
{{- end -}}
{{- if or (ne (int $v.api.replicas) 1) $v.api.autoscaling.enabled (not $v.api.enabled) -}}
{{- $faults = append $faults (printf "localState.enabled with api.replicas %d: exactly one api pod, without autoscaling, is accepted" (int $v.api.replicas)) -}}
{{- end -}}
{{- if and $v.localState.readStream (not $stream) -}}
{{- $faults = append $faults "localState.readStream without config.kinesis.stream: name the stream to read" -}}
{{- end -}}
{{- else if $runs -}}
{{- if not $postgres -}}
{{- $faults = append $faults "secrets.postgresUrl.name is empty: several pods share incidents and checkpoints in PostgreSQL. Name an existing Secret that holds postgres://user:password@host:5432/database, or see localState for one pod" -}}
{{- end -}}
{{- if and (not $bucket) (or $v.consumer.enabled (dig "archive" "enabled" true $v.config)) -}}
{{- $faults = append $faults "config.s3.bucket is missing: a pod's own disk is gone with the pod, and the archive with it. Name the bucket" -}}
{{- end -}}
{{- if not $opensearch -}}
{{- $faults = append $faults "config.opensearch.url is missing: each pod would keep log lines on its own disk until it is full and the pod is evicted. Name the OpenSearch that all pods share, or see localState for one pod" -}}
{{- end -}}
{{- if and $v.consumer.enabled (not $stream) -}}
{{- $faults = append $faults "consumer.enabled without config.kinesis.stream: name the stream to read" -}}
{{- end -}}
{{- if and $v.jobs.probe.enabled (not $v.consumer.enabled) -}}
{{- $faults = append $faults "jobs.probe.enabled with consumer.enabled false: nobody would read the error that the probe puts into the stream" -}}
{{- end -}}
{{- end -}}
{{- if and $v.localState.enabled (or $v.jobs.probe.enabled $v.jobs.weeklyReport.enabled $v.jobs.kbSync.enabled) -}}
{{- $faults = append $faults "jobs.probe, jobs.weeklyReport and jobs.kbSync need PostgreSQL: with localState another pod cannot see the incidents" -}}
{{- end -}}
{{- if and $v.jobs.archiveCompact.enabled (not $bucket) -}}
{{- $faults = append $faults "jobs.archiveCompact.enabled without config.s3.bucket: there is no archive that another pod can read" -}}
{{- end -}}
{{- if and $v.jobs.kbSync.enabled (not (dig "milvus" "address" "" $v.config)) -}}
{{- $faults = append $faults "jobs.kbSync.enabled without config.milvus.address: there is nothing to bring up to date" -}}
{{- end -}}
{{- if and $v.jobs.weeklyReport.enabled (not (or $v.secrets.slackBotToken.name $v.secrets.slackWebhookUrl.name)) -}}
{{- $faults = append $faults "jobs.weeklyReport.enabled without secrets.slackBotToken or secrets.slackWebhookUrl: there is nobody to send it to" -}}
{{- end -}}

{{- if $v.consumer.enabled -}}
{{- $heap := dig "kcl" "heap" "512m" $v.config -}}
{{- $limit := dig "limits" "memory" "" $v.consumer.resources | toString -}}
{{- $has := include "cali.mebibytes" $limit | int -}}
{{- if and (gt $has 0) (lt $has (include "cali.mebibytes" $heap | int | add 768 | int)) -}}
{{- $faults = append $faults (printf "consumer.resources.limits.memory is %s: Java takes config.kcl.heap (%s) and about 256Mi, Node.js needs 512Mi beside it. At least %dMi is accepted" $limit $heap (include "cali.mebibytes" $heap | int | add 768)) -}}
{{- end -}}
{{- /* The leases are given back after kcl.failover and a margin of 5 s; what is read is archived before. */ -}}
{{- $given := dig "kcl" "failover" "10s" $v.config -}}
{{- $failover := ternary (printf "%.0f" $given) (toString $given) (kindIs "float64" $given) -}}
{{- $seconds := include "cali.seconds" $given -}}
{{- $least := add (max (int64 $seconds) 13) 17 | int -}}
{{- if not $seconds -}}
{{- $faults = append $faults (printf "config.kcl.failover is %q: a duration is accepted, e.g. 500ms, 10s, 1m, 2h; a bare number is milliseconds" $failover) -}}
{{- else if gt $least 600 -}}
{{- $faults = append $faults (printf "config.kcl.failover is %s: giving the leases back would take %d s, and a pod is given at most 600 s to end. At most 583s is accepted" $failover $least) -}}
{{- else if lt (int $v.consumer.terminationGracePeriodSeconds) $least -}}
{{- $faults = append $faults (printf "consumer.terminationGracePeriodSeconds is %d: archiving what is read and giving the leases back (kcl.failover is %s) takes up to %d s. %d to 600 is accepted" (int $v.consumer.terminationGracePeriodSeconds) $failover $least $least) -}}
{{- end -}}
{{- end -}}

{{- if $v.ingress.enabled -}}
{{- if not $v.api.enabled -}}
{{- $faults = append $faults "ingress.enabled with api.enabled false: there is nothing behind it" -}}
{{- end -}}
{{- if not $v.ingress.host -}}
{{- $faults = append $faults "ingress.enabled without ingress.host: a name such as cali.example.com is needed" -}}
{{- end -}}
{{- if not (or $v.ingress.tls.secretName $v.ingress.tls.byController) -}}
{{- $faults = append $faults "ingress.enabled without ingress.tls.secretName: the token would travel unencrypted. Name a Secret of type kubernetes.io/tls, or set ingress.tls.byController where the controller has the certificate" -}}
{{- end -}}
{{- if and $v.networkPolicy.enabled (not (or $v.networkPolicy.apiFrom $v.networkPolicy.apiFromCidrs)) -}}
{{- $faults = append $faults "ingress.enabled without networkPolicy.apiFrom: the policy would keep the controller out. Name its namespace, e.g. [ingress-nginx], or its addresses in networkPolicy.apiFromCidrs" -}}
{{- end -}}
{{- if and $v.ingress.tls.secretName $v.ingress.tls.byController -}}
{{- $faults = append $faults "ingress.tls.secretName and ingress.tls.byController are both set: keep one of them" -}}
{{- end -}}
{{- end -}}

{{- if and $v.api.autoscaling.enabled (gt (int $v.api.autoscaling.minReplicas) (int $v.api.autoscaling.maxReplicas)) -}}
{{- $faults = append $faults (printf "api.autoscaling.minReplicas is %d, above api.autoscaling.maxReplicas (%d)" (int $v.api.autoscaling.minReplicas) (int $v.api.autoscaling.maxReplicas)) -}}
{{- end -}}

{{- if $v.keda.enabled -}}
{{- if not $v.consumer.enabled -}}
{{- $faults = append $faults "keda.enabled with consumer.enabled false: there is nothing to scale" -}}
{{- end -}}
{{- if and (eq $v.keda.lag.source "prometheus") (not $v.keda.lag.prometheusUrl) -}}
{{- $faults = append $faults "keda.lag.source is prometheus without keda.lag.prometheusUrl: an address such as http://prometheus.monitoring.svc:9090 is needed" -}}
{{- end -}}
{{- $max := include "cali.kedaMax" . | int -}}
{{- if gt (int $v.keda.minReplicas) $max -}}
{{- $faults = append $faults (printf "keda.minReplicas is %d, above the largest number of pods (%d)" (int $v.keda.minReplicas) $max) -}}
{{- end -}}
{{- end -}}

{{- if and $v.fluentBit.enabled (eq $v.fluentBit.namespace .Release.Namespace) -}}
{{- $faults = append $faults (printf "fluentBit.namespace is %q, that of CALI: Fluent Bit needs the level \"privileged\", CALI's pods the level \"restricted\". Name another namespace" .Release.Namespace) -}}
{{- end -}}
{{- if and $v.fluentBit.enabled (not $stream) -}}
{{- $faults = append $faults "fluentBit.enabled without config.kinesis.stream: name the stream to send to" -}}
{{- end -}}

{{- if $faults -}}
{{- fail (printf "\n\n  - %s\n" (join "\n  - " $faults)) -}}
{{- end -}}
{{- end }}

{{/*
Largest number of consumer pods. Each takes at most kcl.maxLeases shards, so that ceil(shards / maxLeases) pods read all of
them; half as many again take over at once when some are lost. More would find no shard to read.
*/}}
{{- define "cali.kedaMax" -}}
{{- $leases := dig "kcl" "maxLeases" 24 .Values.config | int -}}
{{- $needed := div (add (int .Values.keda.shards) $leases -1) $leases -}}
{{- $spare := div (add (mul $needed 3) 1) 2 -}}
{{- .Values.keda.maxReplicas | int | default ($spare | int | max 2) -}}
{{- end }}
