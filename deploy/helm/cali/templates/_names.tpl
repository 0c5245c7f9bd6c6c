{{/* Names, labels, image. A component is one of: consumer, api, worker, setup, kb-sync, archive-compact, … */}}

{{- define "cali.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The release's name, with the chart's in it. Cut so that a component and a pod's suffix still fit 63 letters. */}}
{{- define "cali.fullname" -}}
{{- $name := include "cali.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* Never changes during a release's life: selectors are immutable. */}}
{{- define "cali.selector" -}}
app.kubernetes.io/name: {{ include "cali.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "cali.labels" -}}
{{ include "cali.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: cali
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The image, with what a component says differently. The consumer's is another one, with Java: by default its name ends in
-consumer. A digest wins over a tag, and is that of one image only.
*/}}
{{- define "cali.image" -}}
{{- $image := .root.Values.image -}}
{{- $own := .own | default dict -}}
{{- $repository := ternary (printf "%s-consumer" $image.repository) $image.repository (eq .component "consumer") -}}
{{- $digest := ternary $image.digest "" (eq $repository $image.repository) -}}
{{- if $own.repository }}{{ $repository = $own.repository }}{{ $digest = "" }}{{ end -}}
{{- with $own.digest | default (ternary "" $digest (ne ($own.tag | default "") "")) -}}
{{ $repository }}@{{ . }}
{{- else -}}
{{ $repository }}:{{ $own.tag | default $image.tag | default $.root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "cali.port" -}}
{{ dig "server" "port" 7070 .Values.config }}
{{- end }}

{{- define "cali.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "cali.fullname" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cali.labels" . | nindent 4 }}
  {{- /* IRSA: eks.amazonaws.com/role-arn. Pod Identity needs none: its association names this account. */}}
  {{- with mergeOverwrite (deepCopy (dig "serviceAccount" "annotations" dict .own)) (.annotations | default dict) }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{- define "cali.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "cali.fullname" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cali.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .own.pdb.maxUnavailable }}
  # A pod that does not run must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "cali.selector" . | nindent 6 }}
{{- end }}
