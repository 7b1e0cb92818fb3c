{{/*
The operator's settings as environment variables. What stands below `settings` is passed on by name: `sourceTimeout` is
STACKWRIGHT_SOURCE_TIMEOUT; lists are joined by commas.
*/}}
{{- define "stackwright.env" -}}
{{- $own := dict
    "DATA_DIR" "/var/lib/stackwright"
    "HTTP_PORT" "8080"
    "OPERATOR_NAMESPACE" .Release.Namespace
    "WATCH_NAMESPACES" (include "stackwright.namespaces" . | fromJsonArray | join ",")
    "SHUTDOWN_GRACE" (printf "%ds" (int .Values.shutdownGraceSeconds)) -}}
{{- if .Values.leaderElection.enabled -}}
{{- $_ := set $own "LEADER_ELECTION" "true" -}}
{{- $_ := set $own "LEASE_NAME" (include "stackwright.fullname" .) -}}
{{- $_ := set $own "LEASE_DURATION" .Values.leaderElection.leaseDuration -}}
{{- $_ := set $own "LEASE_RENEW_DEADLINE" .Values.leaderElection.renewDeadline -}}
{{- $_ := set $own "LEASE_RETRY_PERIOD" .Values.leaderElection.retryPeriod -}}
{{- end -}}
{{- if eq .Values.execution "Job" -}}
{{- $_ := set $own "EXECUTION" "Job" -}}
{{- $_ := set $own "RUNNER_IMAGE" (include "stackwright.image" .) -}}
{{- $_ := set $own "RUNNER_PULL_POLICY" .Values.image.pullPolicy -}}
{{- end -}}
{{- range $key, $value := .Values.settings -}}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "") (and (kindIs "slice" $value) (empty $value))) -}}
{{- $text := $value -}}
{{- if kindIs "slice" $value -}}{{- $text = join "," $value -}}{{- end -}}
{{- if kindIs "float64" $value -}}{{- $text = int64 $value -}}{{- end -}}
{{- $_ := set $own ($key | snakecase | upper) (toString $text) -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $own }}
- name: STACKWRIGHT_{{ $name }}
  value: {{ $value | quote }}
{{- end -}}
{{- /* One that only decides does as well without the second compiler, which takes a part of its memory, and with a
fifth of its limit as heap: Java has a floor for small ones, which is why both percentages are named. */ -}}
{{- if and (eq .Values.execution "Job") (not (contains "JDK_JAVA_OPTIONS" (toJson .Values.extraEnv))) }}
- name: JDK_JAVA_OPTIONS
  value: -XX:TieredStopAtLevel=1 -XX:MaxRAMPercentage=20 -XX:MinRAMPercentage=20
{{- end -}}
{{- end }}
