{{/*
What the operator does in a namespace whose Stacks it takes care of. RbacIT runs the operator with exactly these rules,
and finds each of them used; JobRightsIT takes them away one by one, and finds each of them asked for and refused.
*/}}
{{- define "stackwright.watchedRules" -}}
- apiGroups: [stackwright.io]
  resources: [stacks]
  verbs: [get, list, watch, patch]
- apiGroups: [stackwright.io]
  resources: [updates]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [stackwright.io]
  resources: [stacks/status, updates/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [get, create, patch]
{{- if eq .Values.execution "Job" }}
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete]
# Why a pod does not start.
- apiGroups: [""]
  resources: [events]
  verbs: [list]
# Each run reports with an account of its own, good for its Update and its result alone.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, create, delete]
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [get, create, delete]
{{- end }}
{{- end }}

{{/*
What the operator keeps for itself in the namespace it runs in: who it is, and the lease. Where it also takes care of
Stacks there, the Secret is covered by the rules above.
*/}}
{{- define "stackwright.ownRules" -}}
{{- if not (or .Values.clusterWide (has .Release.Namespace (include "stackwright.namespaces" . | fromJsonArray))) }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [stackwright-installation]
  verbs: [get]
# The name of what is created cannot be limited.
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
{{- if .Values.leaderElection.enabled }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "stackwright.fullname" . }}]
  verbs: [get, update, patch]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
{{- end }}
{{- end }}
