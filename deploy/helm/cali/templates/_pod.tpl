{{/*
The pod of a component. Takes: root, component, own (its values), args, configMap, and optionally probes, ready, spread (each a
bool), preStopSeconds, env (list), restartPolicy, claim (volume claim for the data folder).
*/}}
{{- define "cali.pod" -}}
{{- $files := include "cali.secretFiles" . | fromJsonArray -}}
metadata:
  labels:
    {{- include "cali.labels" . | nindent 4 }}
    {{- with .root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A changed setting restarts the pods.
    checksum/config: {{ include "cali.config" .root | sha256sum }}
    # CALI's own lines are not sent to CALI: an error about sending would be sent, and fail, and be logged again.
    fluentbit.io/exclude: 'true'
    {{- with mergeOverwrite (deepCopy .root.Values.podAnnotations) (.own.podAnnotations | default dict) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "cali.fullname" .root }}-{{ .component }}
  automountServiceAccountToken: false
  # Else a Service named cali-server would set CALI_SERVER_PORT to an address, which is read as a setting.
  enableServiceLinks: false
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  {{- with .own.terminationGracePeriodSeconds }}
  terminationGracePeriodSeconds: {{ . }}
  {{- end }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .own.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .own.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .own.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .own.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .spread }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      # A pod in a full zone is better than no pod.
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "cali.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    # Secrets and data are readable for this group.
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: cali
      image: {{ include "cali.image" (dict "root" .root "own" .own.image "component" .component) | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{- toYaml .args | nindent 8 }}
      env:
        - name: CALI_CONFIG
          value: /etc/cali/config/cali.yaml
        - name: CALI_DATA_DIR
          value: /data
        - name: HOME
          value: /data
        {{- range $files }}
        - name: {{ .variable }}
          value: /etc/cali/secrets/{{ .file }}
        {{- end }}
        {{- with .env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with concat .root.Values.extraEnv (.own.extraEnv | default list) }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if .probes }}
      ports:
        - name: http
          containerPort: {{ include "cali.port" .root }}
      startupProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 2
        failureThreshold: 30
      # Asks only whether the event loop turns. A restart mends no stream, no database and no model, so none is asked.
      livenessProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      {{- end }}
      {{- if .ready }}
      # Takes a pod out of the Service while its state cannot be reached. Only where people and senders come through a
      # Service: who reads shards or sends messages is asked by nobody, and "not ready" would stop a rollout half way
      # during an outage that the new pods did not cause.
      readinessProbe:
        httpGet:
          path: /readyz
          port: http
        periodSeconds: 5
        timeoutSeconds: 5
      {{- end }}
      {{- if .preStopSeconds }}
      lifecycle:
        preStop:
          # Until the Service has forgotten the pod, requests still come to it.
          sleep:
            seconds: {{ .preStopSeconds }}
      {{- end }}
      {{- with .own.resources }}
      resources: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: config
          mountPath: /etc/cali/config
          readOnly: true
        {{- if $files }}
        - name: secrets
          mountPath: /etc/cali/secrets
          readOnly: true
        {{- end }}
        - name: data
          mountPath: /data
        - name: tmp
          mountPath: /tmp
        {{- with concat .root.Values.extraVolumeMounts (.own.extraVolumeMounts | default list) }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .configMap }}
    {{- if $files }}
    - name: secrets
      projected:
        # 0440
        defaultMode: 288
        sources:
          {{- range $files }}
          - secret:
              name: {{ .name }}
              items:
                - key: {{ .key }}
                  path: {{ .file }}
          {{- end }}
    {{- end }}
    - name: data
      {{- if .claim }}
      persistentVolumeClaim:
        claimName: {{ .claim }}
      {{- else }}
      # Nothing that has to last: incidents, checkpoints and lines are in PostgreSQL, S3 and OpenSearch.
      emptyDir:
        sizeLimit: {{ .own.dataSize | default "1Gi" }}
      {{- end }}
    - name: tmp
      emptyDir:
        sizeLimit: {{ .own.tmpSize | default "256Mi" }}
    {{- with concat .root.Values.extraVolumes (.own.extraVolumes | default list) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
