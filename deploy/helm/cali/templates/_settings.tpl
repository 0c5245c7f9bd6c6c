{{/* Settings: cali.yaml from values, and the secrets as files. */}}

{{/*
cali.yaml. Pods are reached from other machines, so they listen everywhere, and ask for the token. Links in messages lead to
the Ingress, unless another address is set.
*/}}
{{- define "cali.config" -}}
{{- $server := dict "host" "0.0.0.0" "port" (include "cali.port" . | int) -}}
{{- if and .Values.ingress.enabled .Values.ingress.host (not (dig "server" "publicUrl" "" .Values.config)) -}}
{{- $_ := set $server "publicUrl" (printf "https://%s" .Values.ingress.host) -}}
{{- end -}}
{{ toYaml (mergeOverwrite (deepCopy .Values.config) (dict "server" $server)) }}
{{- end }}

{{- define "cali.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cali.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  cali.yaml: |
    {{- include "cali.config" .root | nindent 4 }}
{{- end }}

{{/* Secret in values -> setting in cali.yaml, from which variable and file follow. */}}
{{- define "cali.secretSettings" -}}
serverToken: server.token
postgresUrl: postgres.url
opensearchPassword: opensearch.password
milvusToken: milvus.token
slackBotToken: slack.botToken
slackAppToken: slack.appToken
slackWebhookUrl: slack.webhookUrl
openaiApiKey: openai.apiKey
openaiEmbeddingKey: openai.embeddingKey
{{- end }}

{{/*
Who may see which secret. Only what sends messages and asks models has those of Slack and OpenAI: the worker or, without
one, everybody who then does its work.
*/}}
{{- define "cali.secretsOf" -}}
{{- $all := keys (include "cali.secretSettings" . | fromYaml) | sortAlpha -}}
{{- $delivers := ternary (list "worker") (list "consumer" "api") .root.Values.worker.enabled -}}
{{- if has .component $delivers -}}
{{ toJson $all }}
{{- else if eq .component "consumer" -}}
["opensearchPassword","postgresUrl","serverToken"]
{{- else if eq .component "api" -}}
["milvusToken","openaiEmbeddingKey","opensearchPassword","postgresUrl","serverToken"]
{{- else if eq .component "setup" -}}
["milvusToken","openaiApiKey","openaiEmbeddingKey","opensearchPassword","postgresUrl"]
{{- else if eq .component "kb-sync" -}}
["milvusToken","openaiApiKey","openaiEmbeddingKey","postgresUrl"]
{{- else if eq .component "weekly-report" -}}
["postgresUrl","slackBotToken","slackWebhookUrl"]
{{- else if eq .component "probe" -}}
["postgresUrl"]
{{- else -}}
[]
{{- end -}}
{{- end }}

{{/* Those of them that are named in values: [{setting, file, variable, name, key}] as JSON. */}}
{{- define "cali.secretFiles" -}}
{{- $settings := include "cali.secretSettings" . | fromYaml -}}
{{- $files := list -}}
{{- range include "cali.secretsOf" . | fromJsonArray -}}
{{- $secret := get $.root.Values.secrets . | default dict -}}
{{- if $secret.name -}}
{{- $setting := get $settings . -}}
{{- $words := $setting | snakecase | replace "." "_" -}}
{{- $files = append $files (dict "file" ($words | replace "_" "-") "variable" (printf "CALI_%s_FILE" (upper $words)) "name" $secret.name "key" $secret.key) -}}
{{- end -}}
{{- end -}}
{{ toJson $files }}
{{- end }}
