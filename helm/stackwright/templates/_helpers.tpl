{{/* Name of the chart, for labels. */}}
{{- define "stackwright.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Name of the objects. At most 50 characters: the StatefulSet's revision label adds 11, its pods' names 2, and neither may
be longer than 63.
*/}}
{{- define "stackwright.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "stackwright.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "stackwright.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Name of objects without a namespace: releases of one name in several namespaces do not share them. */}}
{{- define "stackwright.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "stackwright.fullname" .) -}}
{{- end }}

{{- define "stackwright.selectorLabels" -}}
app.kubernetes.io/name: {{ include "stackwright.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "stackwright.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "stackwright.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "stackwright.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "stackwright.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "stackwright.image" -}}
{{- $name := printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{/* The namespaces to watch, as JSON; an empty list when it is all of them. */}}
{{- define "stackwright.namespaces" -}}
{{- if .Values.clusterWide -}}
[]
{{- else -}}
{{- .Values.watchNamespaces | default (list .Release.Namespace) | uniq | toJson -}}
{{- end -}}
{{- end }}

{{/* A namespace to try a Stack in. */}}
{{- define "stackwright.firstNamespace" -}}
{{- if .Values.clusterWide -}}
default
{{- else -}}
{{- include "stackwright.namespaces" . | fromJsonArray | first -}}
{{- end -}}
{{- end }}

{{/* What the schema cannot say: values that do not go together. */}}
{{- define "stackwright.check" -}}
{{- if and .Values.clusterWide .Values.watchNamespaces -}}
{{- fail "watchNamespaces: must be empty with clusterWide: true, which watches all namespaces" -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) -}}
{{- fail "leaderElection.enabled: must be true with more than one of replicas, or they would work against each other" -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) .Values.persistence.enabled -}}
{{- fail "persistence.enabled: must be false with more than one of replicas; a volume holds the data of one operator" -}}
{{- end -}}
{{- if and (not .Values.persistence.enabled) (or (not .Values.settings.backendUrl) (hasPrefix "file:" .Values.settings.backendUrl)) -}}
{{- fail "settings.backendUrl: must be a remote backend with persistence.enabled: false, or the state of all Stacks would be lost with the pod" -}}
{{- end -}}
{{- if and (eq .Values.execution "Job") (or (not .Values.settings.backendUrl) (hasPrefix "file:" .Values.settings.backendUrl)) -}}
{{- fail "settings.backendUrl: must be a remote backend with execution: Job; Jobs do not reach the operator's volume" -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.name: must be set with serviceAccount.create: false" -}}
{{- end -}}
{{- $own := list "helm.sh/chart" "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/version" "app.kubernetes.io/managed-by" -}}
{{- range $own -}}
{{- if hasKey $.Values.commonLabels . -}}
{{- fail (printf "commonLabels: must be without %s, which the chart sets" .) -}}
{{- end -}}
{{- end -}}
{{- range concat $own (keys .Values.commonLabels) -}}
{{- if hasKey $.Values.podLabels . -}}
{{- fail (printf "podLabels: must be without %s, which is among the labels of all objects" .) -}}
{{- end -}}
{{- end -}}
{{- end }}
