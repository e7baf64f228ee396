{{/* Begins the names of all objects. */}}
{{- define "pheromone.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 41 | trimSuffix "-" -}}
{{- else if contains "pheromone" .Release.Name -}}
{{- .Release.Name | trunc 41 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pheromone" (.Release.Name | trunc 31 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* The name of a component's objects: (list $ "controller"). The names above leave room for it in a label's 63 characters. */}}
{{- define "pheromone.name" -}}
{{- $root := index . 0 -}}
{{- printf "%s-%s" (include "pheromone.fullname" $root) (index . 1) -}}
{{- end -}}

{{/* What selects a component's pods, and never changes: (list $ "controller"). `pheromone invoke` finds the coordinator by the first and last. */}}
{{- define "pheromone.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: pheromone
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels that all objects have: $. */}}
{{- define "pheromone.commonLabels" -}}
app.kubernetes.io/part-of: pheromone
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* All labels of a component's object: (list $ "controller"). */}}
{{- define "pheromone.labels" -}}
{{ include "pheromone.selectorLabels" . }}
{{ include "pheromone.commonLabels" (index . 0) }}
{{- end -}}

{{/* All labels of an object that belongs to no component: $. */}}
{{- define "pheromone.sharedLabels" -}}
app.kubernetes.io/name: pheromone
app.kubernetes.io/instance: {{ .Release.Name }}
{{ include "pheromone.commonLabels" . }}
{{- end -}}

{{/* An image: (list $ .Values.controller.image). */}}
{{- define "pheromone.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $name := printf "%s/%s" $root.Values.image.registry $image.repository -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($root.Values.image.tag | default $root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The name of a component's service account: (list $ "controller"). */}}
{{- define "pheromone.serviceAccountName" -}}
{{- $account := (index (index . 0).Values (index . 1)).serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "pheromone.name" .) -}}
{{- else -}}
{{- $account.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* The flag for what is watched, or nothing. The pod knows its own namespace, so that a manifest for it fits any. */}}
{{- define "pheromone.watchFlag" -}}
{{- range .Values.watchNamespaces }}
- --watch-namespace={{ eq . $.Release.Namespace | ternary "$(POD_NAMESPACE)" . }}
{{- end -}}
{{- end -}}

{{/* Environment of a component's container: (list $ "controller"). */}}
{{- define "pheromone.env" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- with (index (index . 0).Values (index . 1)).extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where a component's pods run: (list $ "controller"). */}}
{{- define "pheromone.placement" -}}
{{- $values := index (index . 0).Values (index . 1) -}}
{{- $selector := dict "matchLabels" (include "pheromone.selectorLabels" . | fromYaml) -}}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.topologySpreadConstraints }}
topologySpreadConstraints:
{{- range . }}
{{ list (merge (dict) . (dict "labelSelector" $selector)) | toYaml | indent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Probes at a named port. */}}
{{- define "pheromone.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: {{ . }}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: {{ . }}
  periodSeconds: 10
readinessProbe:
  httpGet:
    path: /readyz
    port: {{ . }}
  periodSeconds: 5
{{- end -}}

{{/* Binds roles of a component to its service account, where it works and where its Leases are: (list $ "controller" RULES). */}}
{{- define "pheromone.roles" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $rules := index . 2 -}}
{{- $name := include "pheromone.name" . -}}
{{- if $root.Values.watchNamespaces }}
{{- range $root.Values.watchNamespaces }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}-workflows
  namespace: {{ . }}
  labels: {{- include "pheromone.labels" (list $root $component) | nindent 4 }}
rules:
{{- $rules | nindent 0 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}-workflows
  namespace: {{ . }}
  labels: {{- include "pheromone.labels" (list $root $component) | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}-workflows
subjects:
- kind: ServiceAccount
  name: {{ include "pheromone.serviceAccountName" (list $root $component) }}
  namespace: {{ $root.Release.Namespace }}
---
{{- end }}
{{- else }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $name }}
  labels: {{- include "pheromone.labels" . | nindent 4 }}
rules:
{{- $rules | nindent 0 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ $name }}
  labels: {{- include "pheromone.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $name }}
subjects:
- kind: ServiceAccount
  name: {{ include "pheromone.serviceAccountName" . }}
  namespace: {{ $root.Release.Namespace }}
---
{{- end }}
{{- end -}}

{{/* Gives a component the Leases of the operator's namespace: (list $ "controller" VERBS). */}}
{{- define "pheromone.leaseRole" -}}
{{- $root := index . 0 -}}
{{- $name := include "pheromone.name" . -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "pheromone.labels" . | nindent 4 }}
rules:
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [{{ index . 2 }}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "pheromone.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
- kind: ServiceAccount
  name: {{ include "pheromone.serviceAccountName" . }}
  namespace: {{ $root.Release.Namespace }}
{{- end -}}

{{/* What both monitors say of a scrape: .Values.metrics.serviceMonitor. */}}
{{- define "pheromone.scrape" -}}
path: /metrics
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
